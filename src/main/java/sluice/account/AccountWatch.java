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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
 * Learns about an account from attempts. A failure is attributed to the smallest thing that can have failed: the
 * call, then the model and its service tier, then the key, then the account. Shared by all event loops.
 */
public final class AccountWatch {
    private static final Logger LOG = LoggerFactory.getLogger(AccountWatch.class);

    private final AccountHealth health;
    private final AccountModels models;
    private final LearnedQuotas learned;
    private final Shortages shortages;
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

    /** @param longestWindow of a model's limits */
    AccountWatch(AccountHealth health, AccountModels models, LearnedQuotas learned, Shortages shortages,
            KeyRing keys, Function<String, Duration> longestWindow, Time time) {
        this.health = health;
        this.models = models;
        this.learned = learned;
        this.shortages = shortages;
        this.keys = keys;
        this.longestWindow = longestWindow;
        this.time = time;
    }

    /** Sends pauses of the account's models and keys to the others that serve it. */
    public void tells(BiConsumer<String, Duration> others) {
        this.others = others;
    }

    /** Runs when waiting calls should be reconsidered: they are no longer held back, or are now refused. */
    public void wakes(Runnable waiting) {
        this.waiting = waiting;
    }

    /** Applies what another replica sent with {@link #tells}, about any account, and how long it still holds. */
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
            long now = time.nanos();
            keys.outOfService(key -> key.id().equals(id), now, now + holds.toNanos());
        }
    }

    /** Switches to these keys. */
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

    /** Keys that the upstream has rejected, and that are left out now. */
    public List<KeyRing.Rejected> rejectedKeys() {
        return keys.rejected(time.nanos());
    }

    /** What is wrong with it as a whole; null if nothing is. */
    public AccountHealth.@Nullable Outage outage() {
        return health.outage();
    }

    /** The models that are paused for all tenants because calls fail. */
    public List<AccountModels.Failing> failingModels() {
        return models.failing();
    }

    /** The models that get no calls now. */
    public List<AccountModels.Paused> pausedModels() {
        return models.paused();
    }

    /** The models whose calls wait for the upstream's quota although the configuration would let them go. */
    public List<Shortages.Shortage> shortages() {
        return shortages.all(time.nanos());
    }

    /** Why it cannot be reached; null if it can. */
    public @Nullable Unreachable unreachable() {
        return health.unreachable();
    }

    /** How long its answers take to begin, in nanoseconds; 0 if unknown. */
    double answerNanos() {
        return answerTime.get().expectedNanos(time.nanos());
    }

    /** The credentials for the next attempt. */
    public ApiKey key() {
        return keys.next(time.nanos());
    }

    /** A call got a connection. */
    public void connected() {
        if (health.connected(time.nanos())) {
            waiting.run();
        }
    }

    /** A call got no connection. */
    public void unreachable(Optional<Unreachable> why, Throwable failure) {
        why.ifPresent(reason -> {
            health.unreachable(reason, failure, time.nanos());
            waiting.run();
        });
    }

    /** A call that names no model is attributed to no model, or all such calls would share the blame. */
    private static boolean namesModel(Need need) {
        return !need.model().isEmpty();
    }

    /** The upstream answered: learns about its quota from the headers, and whether it and the key work. */
    public void answered(Need need, ApiKey key, LearnedQuotas.Mark mark, int status, MultiMap headers) {
        long now = time.nanos();
        learned.report(need, mark, status, headers);
        if (status == 200) {
            answerTime.updateAndGet(was -> was.learned(now - mark.sentAt(), now));
        }
        if (status >= 500) {
            failed(need);
        } else if (status != 401 && status != 402 && status != 403 && status != 407 && status != 429) {
            accepted(key, mark.sentAt());
            well(need);
        }
    }

    /** The upstream accepted the key of a call sent then, by the clock's {@code nanos()}. */
    public void accepted(ApiKey key, long sentAt) {
        if (keys.accepted(key, sentAt, time.nanos())) {
            LOG.info("account {}: the upstream accepts key {} again", health.account(), key.id());
        }
    }

    /** It works, whatever the answer to this call. */
    public void well(Need need) {
        boolean all = health.answered();
        boolean model = namesModel(need) && models.answered(LiveAccount.served(need), need.tenant());
        if (all || model) {
            waiting.run();
        }
    }

    /** A call was answered with a failure, broke off, or was not answered in time. */
    public void failed(Need need) {
        if (namesModel(need)) {
            models.failed(LiveAccount.served(need), need.tenant());
            waiting.run();
        }
    }

    /** The caller of a sent call left before it was answered, or the answer reveals nothing about the model. */
    public void abandoned(Need need) {
        health.left(need.tenant(), time.nanos());
        models.left(LiveAccount.served(need), need.tenant());
        waiting.run();
    }

    /** The upstream gave an answer that is not relayed: attributes it to the smallest thing that can have failed. */
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
            // It reveals nothing about the model; if this was a trial, there will be another.
            default -> abandoned(need);
        }
    }

    /** The model's quota is used up for this long, but no longer than the longest window of its limits. */
    private void rateLimited(Need need, long nanos) {
        health.answered();
        if (!namesModel(need)) {
            return;
        }
        long pause = Math.min(nanos, longestWindow.apply(need.model()).toNanos());
        boolean known = learned.knows(need.model());
        if (models.rateLimited(LiveAccount.served(need), pause) && known) {
            others.accept("cooldown/" + health.account() + "/" + need.tier() + "/" + need.model(),
                    Duration.ofNanos(pause));
        }
    }

    /** Halves the model's pace; if its pace is unknown, pauses the model instead. */
    private void slowDown(Need need, long nanos) {
        long now = time.nanos();
        if (!learned.pace(need, pace -> pace.halved(now))) {
            rateLimited(need, nanos);
        }
    }

    /**
     * An answer says that the upstream rejects the key.
     *
     * @param probe asks the upstream whether it rejects the key
     * @return whether the account has another key in good standing
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
        if (keys.probed(key, rejected, now)) {
            LOG.warn("account {}: the upstream rejects key {}", health.account(), key.id());
        }
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
