package sluice.account;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sluice.schedule.Need;
import sluice.time.Time;
import sluice.upstream.AccountHealth;
import sluice.upstream.AccountModels;
import sluice.upstream.AccountModels.Served;
import sluice.upstream.AnswerTime;
import sluice.upstream.ApiKey;
import sluice.upstream.Fault;
import sluice.upstream.KeyRing;
import sluice.upstream.Unreachable;

/**
 * What attempts teach about an account. A failure is charged to the smallest thing that can have failed: the call, then the
 * model and its service tier, then the key, then the account. Shared by all event loops.
 */
public final class AccountWatch {
    private final AccountHealth health;
    private final AccountModels models;
    private final LearnedQuotas learned;
    private final Function<String, Duration> longestWindow;
    private final Time time;
    private final AtomicReference<AnswerTime> answerTime = new AtomicReference<>(AnswerTime.UNKNOWN);
    private volatile KeyRing keys;
    private volatile BiConsumer<String, Duration> others = (notice, holds) -> {
        // Nobody else serves the account.
    };
    private volatile Runnable waiting = () -> {
        // Nobody waits for the account.
    };

    /** @param longestWindow of the limits of a model */
    AccountWatch(AccountHealth health, AccountModels models, LearnedQuotas learned, KeyRing keys,
            Function<String, Duration> longestWindow, Time time) {
        this.health = health;
        this.models = models;
        this.learned = learned;
        this.keys = keys;
        this.longestWindow = longestWindow;
        this.time = time;
    }

    /** Whatever pauses a model of the account or a key of it is told to the others that serve it too. */
    public void tells(BiConsumer<String, Duration> others) {
        this.others = others;
    }

    /** Whoever waits for the account is to look again when calls were kept back and no longer are, or are now refused. */
    public void wakes(Runnable waiting) {
        this.waiting = waiting;
    }

    /** Another one has told what {@link #tells} does, of all accounts; it holds for so long still. */
    public void hear(String notice, Duration holds) {
        String cooldown = "cooldown/" + health.account() + "/";
        if (notice.startsWith(cooldown)) {
            int slash = notice.indexOf('/', cooldown.length());
            if (slash >= 0) {
                models.rateLimited(new Served(notice.substring(slash + 1), notice.substring(cooldown.length(), slash)),
                        holds.toNanos());
            }
        } else if (notice.startsWith("rejected/" + health.account() + "/")) {
            String id = notice.substring(notice.lastIndexOf('/') + 1);
            keys.outOfService(key -> key.id().equals(id), time.nanos() + holds.toNanos());
        }
    }

    /** From now on it has these keys. */
    void rekey(List<ApiKey> changed) {
        if (!keys.holds(changed)) {
            long now = time.nanos();
            keys = keys.with(changed, now);
            health.rekeyed(now);
        }
    }

    /** Keys that the upstream has not rejected. */
    public int keysInService() {
        return keys.inService(time.nanos());
    }

    /** The models that are sent no calls now. */
    public List<AccountModels.Paused> pausedModels() {
        return models.paused();
    }

    /** Why it cannot be reached; null if it can. */
    public @Nullable Unreachable unreachable() {
        return health.unreachable();
    }

    /** How long its answers take to begin, in nanoseconds; 0 if nothing is known. */
    double answerNanos() {
        return answerTime.get().expectedNanos(time.nanos());
    }

    /** The credentials of the next attempt. */
    public ApiKey key() {
        return keys.next(time.nanos());
    }

    /** There is a connection for a call. */
    public void connected() {
        if (health.connected(time.nanos())) {
            waiting.run();
        }
    }

    /** There is none. */
    public void unreachable(Optional<Unreachable> why, Throwable failure) {
        why.ifPresent(reason -> {
            health.unreachable(reason, failure, time.nanos());
            waiting.run();
        });
    }

    /** The upstream has answered: what its headers say of its quota counts, and whether it works. */
    public void answered(Need need, LearnedQuotas.Mark mark, int status, MultiMap headers) {
        long now = time.nanos();
        learned.report(need, mark, status, headers);
        if (status == 200) {
            answerTime.updateAndGet(was -> was.learned(now - mark.sentAt(), now));
        }
        if (status >= 500) {
            failed(need);
        } else if (status != 401 && status != 402 && status != 403 && status != 407 && status != 429) {
            well(need);
        }
    }

    /** It serves, whatever it says to this call. */
    private void well(Need need) {
        boolean all = health.answered();
        boolean model = !need.equals(Need.NOTHING) && models.answered(LiveAccount.served(need), need.tenant());
        if (all || model) {
            waiting.run();
        }
    }

    /** A call was answered with a failure, broke, or was not answered in time. */
    public void failed(Need need) {
        if (!need.equals(Need.NOTHING)) {
            models.failed(LiveAccount.served(need), need.tenant());
            waiting.run();
        }
    }

    /** The caller of a call that was sent has left before it was answered. */
    public void abandoned(Need need) {
        health.left(time.nanos());
        models.left(LiveAccount.served(need), need.tenant());
        waiting.run();
    }

    /** The upstream has answered what is not relayed: this is charged to the smallest thing that can have failed. */
    public void met(Need need, Fault fault) {
        switch (fault) {
            case Fault.Quota(long nanos) -> rateLimited(need, nanos);
            case Fault.SlowDown(long nanos) -> slowDown(need, nanos);
            case Fault.OutOfCredit() -> {
                health.refused(time.nanos(), AccountHealth.Cause.OUT_OF_CREDIT);
                waiting.run();
            }
            case Fault.TierBusy(long nanos) -> well(need);
            case Fault.TooLarge(long requested, long limit) -> well(need);
            case Fault.Forbade(var error) -> well(need);
            default -> {
                // Its status has been counted.
            }
        }
    }

    /** The model's quota is used up for so long, but not for longer than its limits look back. */
    private void rateLimited(Need need, long nanos) {
        if (need.equals(Need.NOTHING)) {
            return;
        }
        long pause = Math.min(nanos, longestWindow.apply(need.model()).toNanos());
        boolean known = learned.knows(need.model());
        if (models.rateLimited(LiveAccount.served(need), pause) && known) {
            others.accept("cooldown/" + health.account() + "/" + need.tier() + "/" + need.model(),
                    Duration.ofNanos(pause));
        }
    }

    /** Where nothing is known of the pace, the model rests instead. */
    private void slowDown(Need need, long nanos) {
        long now = time.nanos();
        if (!learned.pace(need, pace -> pace.halved(now))) {
            rateLimited(need, nanos);
        }
    }

    /**
     * An answer says that the upstream does not take the key.
     *
     * @param probe asks the upstream whether it rejects the key
     * @return whether the account has another one that nothing speaks against
     */
    public boolean suspected(ApiKey key, Supplier<Future<Boolean>> probe) {
        long now = time.nanos();
        boolean another = keys.suspected(key, now);
        if (keys.probe(key, now)) {
            probe.get()
                    .onComplete(rejects -> probed(key, rejects.succeeded(), rejects.succeeded() && rejects.result()));
        }
        return another;
    }

    private void probed(ApiKey key, boolean answered, boolean rejected) {
        long now = time.nanos();
        keys.probed(key, rejected, now);
        if (rejected) {
            others.accept("rejected/" + health.account() + "/" + key.id(), KeyRing.REJECTED);
        }
        if (rejected && keys.inService(now) == 0) {
            health.refused(now, AccountHealth.Cause.KEYS_REJECTED);
        } else if (answered) {
            health.answered();
        }
        waiting.run();
    }
}
