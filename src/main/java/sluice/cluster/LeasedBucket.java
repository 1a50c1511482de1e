package sluice.cluster;

import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.time.Time;

/**
 * A limit of which this replica leases slices: calls take from the slice, and one caller at a time asks the store for
 * the next, sized by the waiting calls and recent demand. A slice unused for two seconds goes back.
 *
 * <p>Not Bucket4j's shared backend: that is compare-and-swap and starves on a hot key; a script has nothing to retry,
 * and a slice makes most decisions without a message.
 */
final class LeasedBucket implements QuotaBucket, Swept {
    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(2);
    /** How long a refusal may be repeated from memory. */
    private static final long OLD_NEWS_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    private static final int CALLERS_PER_MESSAGE = 256;
    private static final Future<Probe> TAKEN = Future.succeededFuture(Probe.TAKEN);

    private record Taker(long amount, CallerPromise<Probe> home) {}

    private final SharedBucket shared;
    private final Replica replica;
    private final Sweep sweep;
    private final Time time;
    private final Demand demand = new Demand();
    private final Deque<Taker> takers = new ArrayDeque<>();
    private long held;
    private long usedAt;
    private long aheadAt;
    private boolean asking;
    private Future<?> asked = Future.succeededFuture();

    LeasedBucket(SharedBucket shared, Replica replica, Sweep sweep, Time time) {
        this.shared = shared;
        this.replica = replica;
        this.sweep = sweep;
        this.time = time;
    }

    @Override
    public synchronized Future<Probe> take(long amount) {
        if (amount == 0) {
            return TAKEN;
        }
        long now = time.nanos();
        demand.count(amount, now);
        if (takers.isEmpty() && held >= amount) {
            held -= amount;
            usedAt = now;
            askAhead(now);
            return TAKEN;
        }
        if (!shared.present()) {
            return Future.succeededFuture(substituted(amount));
        }
        long refused = refusedNanos(amount, now);
        return refused > 0 ? Future.succeededFuture(refused(amount, refused)) : queue(amount, now);
    }

    @Override
    public synchronized void giveBack(long amount) {
        keep(amount);
        sweep.soon(this);
    }

    /** Keeps at most a full slice; the rest goes back. */
    private void keep(long amount) {
        long kept = Math.clamp(slice() - held, 0, amount);
        held += kept;
        shared.refund(amount - kept);
    }

    @Override
    public synchronized void settle(long taken, long used) {
        long more = Math.max(0, used - taken - held);
        held -= Math.clamp(used - taken, 0, held);
        keep(Math.max(0, taken - used));
        if (more > 0 && shared.present()) {
            shared.owe(more);
        } else if (more > 0) {
            shared.substitute().force(more);
        }
        sweep.soon(this);
    }

    @Override
    public synchronized void change(Limit limit) {
        shared.change(limit);
        held = Math.min(held, limit.amount());
    }

    @Override
    public synchronized boolean exceeds(long amount) {
        return amount > shared.limit().amount();
    }

    @Override
    public synchronized Level level() {
        return shared.told(held);
    }

    @Override
    public synchronized double held() {
        return (double) held / shared.limit().amount();
    }

    /** Returns what has been unused for a while or is more than enough; while the store is away, it is lost. */
    @Override
    public synchronized boolean sweep(long now) {
        boolean present = shared.present();
        long unused = now - usedAt >= UNUSED_NANOS ? held : Math.max(0, held - demand.enough(now));
        held -= unused;
        if (present) {
            shared.refund(unused);
        }
        if (present && !asking && shared.hasNews()) {
            ask(now, 0);
        }
        return held > 0 || shared.hasNews();
    }

    @Override
    public synchronized Future<?> leave() {
        return asked.transform(answered -> handBack());
    }

    private synchronized Future<?> handBack() {
        if (!shared.present()) {
            return Future.succeededFuture();
        }
        shared.refund(held);
        held = 0;
        return shared.hasNews() ? shared.ask(List.of(), 0) : Future.succeededFuture();
    }

    private Future<Probe> queue(long amount, long now) {
        Taker taker = new Taker(amount, new CallerPromise<>());
        takers.add(taker);
        if (!asking) {
            ask(now, ahead(now));
        }
        return taker.home().future();
    }

    /** When the slice runs low, fetches the next one before anyone has to wait for it. */
    private void askAhead(long now) {
        long wanted = Math.min(slice(), demand.pressing(now));
        if (wanted > 1 && held * 5 < wanted * 2 && !asking && now >= aheadAt && shared.present()) {
            ask(now, wanted);
        }
    }

    /** The slice to ask for, including what already waits. */
    private long ahead(long now) {
        return Math.min(slice(), demand.ahead(now, 0));
    }

    /** The most to hold ahead of calls. */
    private long slice() {
        return Math.max(1, shared.limit().amount() / (10L * replica.replicas()));
    }

    private void ask(long now, long wanted) {
        asking = true;
        List<Taker> served = new ArrayList<>();
        long beyond = wanted - held;
        while (!takers.isEmpty() && served.size() < CALLERS_PER_MESSAGE) {
            Taker taker = takers.removeFirst();
            served.add(taker);
            beyond -= taker.amount();
        }
        usedAt = now;
        long spare = Math.max(0, beyond);
        Future<Reply> answers = shared.ask(served.stream().map(Taker::amount).toList(), spare);
        asked = answers;
        answers.onComplete(answer -> answered(served, spare, answer), lost -> lost(served));
    }

    private void answered(List<Taker> served, long wanted, Reply answer) {
        List<Runnable> news = new ArrayList<>();
        synchronized (this) {
            asking = false;
            long now = time.nanos();
            SharedBucket.Taken taken = shared.learn(answer, served.stream().map(Taker::amount).toList(),
                    OLD_NEWS_NANOS);
            held += taken.spare();
            aheadAt = taken.spare() < wanted ? now + OLD_NEWS_NANOS / 2 : now;
            for (int i = 0; i < served.size(); i++) {
                Taker taker = served.get(i);
                Probe probe = taken.served().get(i)
                        ? Probe.TAKEN
                        : refused(taker.amount(), Math.max(1, refusedNanos(taker.amount(), now)));
                news.add(() -> taker.home().answer(probe));
            }
            next(now);
        }
        news.forEach(Runnable::run);
    }

    private Probe refused(long amount, long nanos) {
        return shared.doubted() ? substituted(amount) : new Probe(false, nanos);
    }

    private void next(long now) {
        if (!takers.isEmpty()) {
            ask(now, ahead(now));
        }
        if (held > 0) {
            sweep.soon(this);
        }
    }

    /** The store did not answer: the substitute serves the callers that waited for it. */
    private void lost(List<Taker> served) {
        List<Runnable> news = new ArrayList<>();
        synchronized (this) {
            asking = false;
            served.addAll(takers);
            takers.clear();
            for (Taker taker : served) {
                Probe probe = substituted(taker.amount());
                news.add(() -> taker.home().answer(probe));
            }
        }
        news.forEach(Runnable::run);
    }

    private Probe substituted(long amount) {
        sweep.soon(this);
        return shared.substitute().take(amount);
    }

    /**
     * How long to refuse a caller without asking; 0 if asking is worthwhile: after a refusal, once enough has
     * refilled for every replica to find some, or when the last news is old.
     */
    private long refusedNanos(long amount, long now) {
        LevelNews news = shared.news();
        if (now >= news.asks()) {
            return 0;
        }
        double level = shared.level(now);
        long enough = Math.min(shared.limit().amount(), amount * replica.replicas());
        long plenty = shared.rate().waitNanos(level, enough);
        return plenty == 0
                ? 0
                : Math.max(shared.rate().waitNanos(level, amount), Math.min(plenty, news.asks() - now));
    }
}
