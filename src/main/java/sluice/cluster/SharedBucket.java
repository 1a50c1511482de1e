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
 * A limit of a tenant in the store: what is asked of it, what is known of it, and its substitute while it is away. Not safe
 * for several threads; the bucket that asks guards it.
 */
final class SharedBucket {

    /**
     * What a script answered.
     *
     * @param served by caller, whether it got all of its amount
     * @param spare  what was taken beyond that
     */
    record Taken(List<Boolean> served, long spare) {}

    /** What all shared limits of a replica need. */
    record Environment(Store store, Replica replica, StoreLoss onLoss, Time time) {}

    /** The store keeps it for longer than this after a message; what is gone before then is lost. */
    private static final long KEPT_SECONDS = 50;
    /** What script and replica say instead of a level: nobody knows; and neither whether the store has lost its data. */
    private static final long UNKNOWN = -1;
    private static final long UNSURE = -2;

    private final Environment environment;
    private final List<String> key;
    private final long remembered;
    private Limit limit;
    private Rate rate;
    private LevelNews news;
    private boolean heard;
    private String epochHeard = "";
    private final AtomicLong debt = new AtomicLong();
    private long refund;
    private @Nullable Substitute substitute;
    private String epoch = "";
    private boolean away;
    private long madeAt;
    private final Trust trust;

    /** @param remembered what is left from an earlier process, below 0 if nothing is known */
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

    /** The level stays, as far as there is room: the store judges it by the capacity that it is told. */
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

    /** Whether the store answers; if so, what the substitute let pass is to be told. */
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

    /** What was let pass before the store lost its data need not be told to it. */
    private void settle(Substitute away) {
        long spent = away.spent();
        debt.addAndGet(environment.replica().epoch().equals(epoch) ? spent : 0);
        epoch = environment.replica().epoch();
    }

    /** What holds the limit while the store does not; one and the same until the trouble is over. */
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

    /** The trouble in which it was made goes on. */
    private boolean carriedOn() {
        return madeAt >= Math.min(trust.troubledAt(environment.time().nanos()), environment.store().troubledAt());
    }

    /** Whether the store loses the limit again and again, or comes and goes: whom it refuses, the substitute may serve. */
    boolean doubted() {
        return !trust.given(environment.time().nanos());
    }

    /** Is taken from the level with the next message, though it may not hold it. */
    void owe(long amount) {
        debt.addAndGet(amount);
    }

    /** Goes back with the next message. */
    void refund(long amount) {
        refund += amount;
        if (substitute != null) {
            substitute.returned(amount);
        }
    }

    boolean hasNews() {
        return debt.get() > 0 || refund > 0 || (substitute != null && substitute.owes());
    }

    /** Asks for amounts, each all or nothing, and for more; brings refunds and debts along. */
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

    /** Learns from the answer to these; if anybody was refused, it is for so long not worth to ask again. */
    Taken learn(Reply answer, List<Long> amounts, long refusesNanos) {
        long now = environment.time().nanos();
        String served = answer.text(0);
        news = new LevelNews(answer.decimal(2), now, served.contains("0") ? now + refusesNanos : now);
        if (heard && !limit.kind().daily() && answer.number(3) == 0) {
            trust.lost(now);
        }
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

    /** What the store holds by all that is known here, in units. */
    double level(long now) {
        return rate.after(news.units(), now - news.at());
    }

    /** As callers are told, with what is held here on top. */
    Level told(long held) {
        if (substitute != null) {
            return substitute.level();
        }
        long now = environment.time().nanos();
        long remaining = Math.clamp(rate.tokens(level(now)) + held, 0, limit.amount());
        return new Level(limit.amount(), remaining, rate.nanosOf((double) limit.amount() - remaining));
    }

    /**
     * Tokens that the bucket holds if the store does not know it. Of a day what was left is remembered. One of minutes that
     * the store should know begins with less than one token, unless the loss of all its data says since when: no loss lets
     * a call more pass, and repeated ones do not take what comes back in between.
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
