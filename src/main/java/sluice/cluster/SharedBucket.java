package sluice.cluster;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket.Level;
import sluice.time.Time;

/**
 * A tenant's limit in the store: how it is asked, what is known of it, and its substitute while the store is away. Not
 * thread-safe; the bucket that uses it guards it.
 */
final class SharedBucket {

    /**
     * A script's answer.
     *
     * @param served per caller, whether it got its whole amount
     * @param spare  what was taken on top
     */
    record Taken(List<Boolean> served, long spare) {}

    /** What all shared limits of a replica need. */
    record Environment(Store store, Replica replica, StoreLoss onLoss, Time time) {}

    /** Beyond two periods, the store keeps an unused bucket for longer than this; one gone sooner was lost. */
    private static final long KEPT_SECONDS = 50;
    /** Sent to the script in place of a level: the level is unknown; so is whether the store has lost its data. */
    private static final long UNKNOWN = -1;
    private static final long UNSURE = -2;

    private final Environment environment;
    private final List<String> key;
    private final long remembered;
    private Limit limit;
    private Rate rate;
    private LevelNews news;
    private boolean heard;
    private long born;
    private String epochHeard = "";
    private final AtomicLong debt = new AtomicLong();
    private long refund;
    private @Nullable Substitute substitute;
    private String epoch = "";
    private boolean away;
    private long madeAt;
    private final Trust trust;

    /** @param remembered what an earlier process left, below 0 if unknown */
    SharedBucket(Environment environment, Limit limit, String key, long remembered) {
        this.environment = environment;
        this.limit = limit;
        this.rate = Rate.of(limit);
        this.key = List.of(key);
        this.remembered = remembered;
        this.trust = new Trust(environment.time().nanos());
        this.news = new LevelNews((remembered < 0 ? limit.amount() : remembered) * rate.unit(),
                environment.time().nanos(),
                environment.time().nanos());
    }

    /** Keeps the level, up to the capacity: the store applies the capacity it is sent. */
    void change(Limit changed) {
        if (!changed.equals(limit)) {
            limit = changed;
            rate = Rate.of(changed);
            news = new LevelNews(Math.min(news.units(), rate.capacity() * rate.unit()), news.at(), news.at());
            if (substitute != null) {
                substitute.change(changed, environment.replica().parts());
            }
        }
    }

    Limit limit() {
        return limit;
    }

    Rate rate() {
        return rate;
    }

    LevelNews news() {
        return news;
    }

    /** Whether the store answers; if so, what the substitute admitted becomes a debt to report. */
    boolean present() {
        if (!environment.store().reachable()) {
            away = true;
            return false;
        }
        if (away) {
            away = false;
            trust.lost(environment.time().nanos());
        }
        if (substitute != null) {
            settle(substitute);
            substitute = carriedOn() ? substitute : null;
        }
        return true;
    }

    /** Charges what the substitute admitted, unless the store has lost its data since. */
    private void settle(Substitute away) {
        long spent = away.spent();
        debt.addAndGet(environment.replica().epoch().equals(epoch) ? spent : 0);
        epoch = environment.replica().epoch();
    }

    /** Enforces the limit in the store's place; the same one until the trouble is over. */
    Substitute substitute() {
        Substitute current = substitute;
        if (current == null || !carriedOn()) {
            if (current != null) {
                settle(current);
            }
            current = new Substitute(environment.onLoss(), limit, environment.replica().parts(),
                    rate.tokens(level(environment.time().nanos())),
                    environment.time().nanos() - environment.store().answeredAt(), environment.time());
            substitute = current;
            madeAt = environment.time().nanos();
            epoch = environment.replica().epoch();
        }
        return current;
    }

    /** Whether the trouble in which it was created continues. */
    private boolean carriedOn() {
        return madeAt >= Math.min(trust.troubledAt(environment.time().nanos()), environment.store().troubledAt());
    }

    /**
     * Whether the store keeps losing the limit, or comes and goes: the substitute may serve callers that it refuses.
     */
    boolean doubted() {
        return !trust.given(environment.time().nanos());
    }

    /** Takes an amount with the next message, even if the bucket does not hold it. */
    void owe(long amount) {
        debt.addAndGet(amount);
    }

    /** Returns an amount with the next message. */
    void refund(long amount) {
        refund += amount;
        if (substitute != null) {
            substitute.returned(amount);
        }
    }

    boolean hasNews() {
        return debt.get() > 0 || refund > 0 || (substitute != null && substitute.owes());
    }

    /** Asks for amounts, each all or nothing, and for {@code spare} more; sends refunds and debts along. */
    Future<Reply> ask(List<Long> amounts, long spare) {
        long owed = debt.getAndSet(0);
        Rate its = rate;
        long back = refund;
        refund = 0;
        return send(its, absent(), back, owed, spare, amounts)
                .compose(answer -> answer.unsure()
                        ? environment.replica().findOut(environment.store()::run)
                                .compose(found -> send(its, UNKNOWN, back, owed, spare, amounts))
                        : Future.succeededFuture(answer))
                .onFailure(lost -> debt.addAndGet(owed));
    }

    private Future<Reply> send(Rate its, double absent, long back, long owed, long spare, List<Long> amounts) {
        List<String> arguments = new ArrayList<>(8 + amounts.size());
        for (Number number : List.of(its.capacity(), its.refill(), its.seconds(), absent,
                environment.replica().lostAt(), back,
                owed, spare)) {
            arguments.add(number.toString());
        }
        amounts.forEach(amount -> arguments.add(Long.toString(amount)));
        return environment.store().run(Script.TAKE, key, arguments);
    }

    /** Processes the answer; if it refused anyone, asking again is pointless for {@code refusesNanos}. */
    Taken learn(Reply answer, List<Long> amounts, long refusesNanos) {
        long now = environment.time().nanos();
        String served = answer.text(0);
        news = new LevelNews(answer.decimal(2), now, served.contains("0") ? now + refusesNanos : now);
        if (heard && !limit.kind().daily() && answer.number(3) != born) {
            trust.lost(now);
        }
        born = answer.number(3);
        heard = true;
        epochHeard = environment.replica().epoch();
        long taken = answer.number(1);
        for (int i = 0; i < amounts.size(); i++) {
            taken += served.charAt(i) == '1' ? amounts.get(i) : 0;
        }
        if (substitute != null || doubted()) {
            substitute().served(taken);
        }
        return new Taken(served.chars().mapToObj(each -> each == '1').toList(), answer.number(1));
    }

    /** The store's level as far as known here, in units. */
    double level(long now) {
        return rate.after(news.units(), now - news.at());
    }

    /** The level as reported to callers, including what is held here. */
    Level told(long held) {
        if (substitute != null) {
            return substitute.level();
        }
        long now = environment.time().nanos();
        long remaining = Math.clamp(rate.tokens(level(now)) + held, 0, limit.amount());
        return new Level(limit.amount(), remaining, rate.nanosOf((double) limit.amount() - remaining));
    }

    /**
     * The tokens to assume if the store does not have the bucket. A day's remainder is remembered. A minute bucket that
     * the store should have starts with less than one token, unless the store lost all its data and reports when: no
     * loss admits an extra call, and repeated losses do not eat the refill in between.
     */
    private double absent() {
        long now = environment.time().nanos();
        if (limit.kind().daily()) {
            return heard ? Math.max(0, rate.tokens(level(now))) : remembered < 0 ? UNSURE : remembered;
        }
        if (!heard || now - news.at() >= TimeUnit.SECONDS.toNanos(2 * rate.seconds() + KEPT_SECONDS)) {
            return UNSURE;
        }
        return epochHeard.equals(environment.replica().epoch()) ? rate.fraction(level(now)) : UNKNOWN;
    }
}
