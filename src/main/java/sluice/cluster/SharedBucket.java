package sluice.cluster;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
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
    record Ties(Store store, Replica replica, StoreLoss onLoss, Time time) {}

    private final Ties ties;
    private final List<String> key;
    private final long remembered;
    private Limit limit;
    private Terms terms;
    private LevelNews news;
    private boolean heard;
    private final AtomicLong debt = new AtomicLong();
    private long refund;
    private @Nullable Substitute substitute;
    private String epoch = "";

    /** @param remembered what is left from an earlier process, below 0 if nothing is known */
    SharedBucket(Ties ties, Limit limit, String key, long remembered) {
        this.ties = ties;
        this.limit = limit;
        this.terms = Terms.of(limit);
        this.key = List.of(key);
        this.remembered = remembered;
        this.news = new LevelNews((remembered < 0 ? limit.amount() : remembered) * terms.unit(), ties.time().nanos(),
                ties.time().nanos());
    }

    /** The level stays, as far as there is room: the store judges it by the capacity that it is told. */
    void change(Limit changed) {
        if (!changed.equals(limit)) {
            limit = changed;
            terms = Terms.of(changed);
            news = new LevelNews(Math.min(news.units(), terms.capacity() * terms.unit()), news.at(), news.at());
            if (substitute != null) {
                substitute.change(changed, ties.replica().parts());
            }
        }
    }

    Limit limit() {
        return limit;
    }

    Terms terms() {
        return terms;
    }

    LevelNews news() {
        return news;
    }

    /** Whether the store answers; if so, what the substitute let pass is to be told. */
    boolean present() {
        if (!ties.store().reachable()) {
            return false;
        }
        if (substitute != null) {
            debt.addAndGet(ties.replica().epoch().equals(epoch) ? substitute.spent() : 0);
            substitute = null;
        }
        return true;
    }

    /** What holds the limit while the store does not answer. */
    Substitute substitute() {
        Substitute current = substitute;
        if (current == null) {
            current = new Substitute(ties.onLoss(), limit, ties.replica().parts(),
                    terms.tokens(level(ties.time().nanos())),
                    ties.time().nanos() - ties.store().answeredAt(), ties.time());
            substitute = current;
            epoch = ties.replica().epoch();
        }
        return current;
    }

    /** Is taken from the level with the next message, though it may not hold it. */
    void owe(long amount) {
        debt.addAndGet(amount);
    }

    /** Goes back with the next message. */
    void refund(long amount) {
        refund += amount;
    }

    boolean hasNews() {
        return debt.get() > 0 || refund > 0 || substitute != null;
    }

    /** Asks for amounts, each all or nothing, and for more; brings refunds and debts along. */
    Future<Reply> ask(List<Long> amounts, long spare) {
        long owed = debt.getAndSet(0);
        List<String> arguments = new ArrayList<>(8 + amounts.size());
        for (long number : new long[]{terms.capacity(), terms.refill(), terms.seconds(), absent(),
                ties.replica().lostAt(), refund, owed, spare}) {
            arguments.add(Long.toString(number));
        }
        amounts.forEach(amount -> arguments.add(Long.toString(amount)));
        refund = 0;
        return ties.store().run(Script.TAKE, key, arguments).onFailure(lost -> debt.addAndGet(owed));
    }

    /** Learns from an answer; if anybody was refused, it is for so long not worth to ask again. */
    Taken learn(Reply answer, long refusesNanos) {
        long now = ties.time().nanos();
        String served = answer.text(0);
        news = new LevelNews(answer.decimal(2), now, served.contains("0") ? now + refusesNanos : now);
        heard = true;
        return new Taken(served.chars().mapToObj(each -> each == '1').toList(), answer.number(1));
    }

    /** What the store holds by all that is known here, in units. */
    double level(long now) {
        return terms.after(news.units(), now - news.at());
    }

    /** As callers are told, with what is held here on top. */
    Level told(long held) {
        if (substitute != null) {
            return substitute.level();
        }
        long now = ties.time().nanos();
        long remaining = Math.clamp(terms.tokens(level(now)) + held, 0, limit.amount());
        return new Level(limit.amount(), remaining, terms.nanosOf((double) limit.amount() - remaining));
    }

    /** Of a day, what was left is remembered, should the store not know it; of a minute it is not worth it. */
    private long absent() {
        if (!limit.kind().daily()) {
            return -1;
        }
        return heard ? Math.max(0, terms.tokens(level(ties.time().nanos()))) : remembered;
    }
}
