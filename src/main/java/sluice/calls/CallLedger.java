package sluice.calls;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.ledger.Ledger;
import sluice.metrics.LedgerMeters;
import sluice.metrics.Spent;
import sluice.time.Time;

/**
 * Keeps one record of each finished call. Event loops hand records over without waiting; a dedicated thread writes
 * them every second, or as soon as there are 4,000. While the database is away they go to a backlog, and from there
 * into the database in order.
 */
public final class CallLedger implements LedgerMeters.Figures {

    /**
     * What is kept where.
     *
     * @param spool      the folder for records while the database is away, which no other process uses
     * @param spoolBytes the most that it may hold
     * @param keepCalls  how long single calls are kept; their sums are kept forever
     */
    public record Settings(Path spool, long spoolBytes, Duration keepCalls) {}

    private static final Logger LOG = LoggerFactory.getLogger(CallLedger.class);
    /** A batch adds to each sum once, so that large ones cost less per call. */
    private static final int BATCH = 4_000;
    /** The spool accepts all of these or none, and may be small. */
    private static final int KEPT_AT_ONCE = 500;
    private static final long EVERY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Rows that are too old are removed a few at a time, so that nothing waits long for them. */
    private static final int FORGOTTEN_AT_ONCE = 5_000;
    private static final long FORGET_EVERY_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long NEVER = Long.MAX_VALUE;
    private static final int UNAUTHORIZED = 401;

    private final CallTables tables;
    private final Duration keepCalls;
    private final Time time;
    private final Spool spool;
    private final Backlog backlog;
    private final CallQueue queue = new CallQueue();
    private final Promise<Void> ended = Promise.promise();
    private final Thread thread;
    private volatile boolean closing;
    private final LongAdder written = new LongAdder();
    private final LongAdder repeated = new LongAdder();
    private volatile long inHandMillis = NEVER;
    private final LongAdder refused = new LongAdder();
    private long tryAgainAt;
    private long forgetAt;

    /** @param observer is told where records go while the ledger does not accept them */
    public CallLedger(Ledger ledger, Settings settings, BacklogObserver observer, Time time) {
        this.tables = new CallTables(ledger);
        this.keepCalls = settings.keepCalls();
        this.time = time;
        this.spool = new Spool(settings.spool(), settings.spoolBytes());
        this.backlog = new Backlog(spool, observer);
        this.thread = Thread.ofPlatform().name("sluice-calls").daemon().unstarted(this::run);
        this.tryAgainAt = time.nanos();
        this.forgetAt = time.nanos();
    }

    /** Begins to write. */
    public void start() {
        thread.start();
    }

    /** A holder of an expired or revoked key must not be able to fill the database; the log has the call. */
    private static boolean isOfWrongKey(Spent spent) {
        return spent.told().status() == UNAUTHORIZED && spent.facts().attempts() == 0;
    }

    /** A call, or an answer of a WebSocket, is over. Called on event loops; returns at once. */
    public void over(Spent spent) {
        if (spent.facts().tenant().isEmpty() || isOfWrongKey(spent)) {
            return;
        }
        int waiting = closing ? 0 : queue.add(CallRecord.of(spent, time.now().toEpochMilli()));
        if (waiting == 0) {
            refused.increment();
        } else if (waiting == BATCH) {
            LockSupport.unpark(thread);
        }
    }

    /** Writes what there is, to the database or else to the spool, and ends. */
    public Future<Void> stop() {
        closing = true;
        if (!thread.isAlive()) {
            return Future.succeededFuture();
        }
        LockSupport.unpark(thread);
        return ended.future();
    }

    private void run() {
        backlog.takeUp();
        while (!closing) {
            if (queue.size() < BATCH) {
                LockSupport.parkNanos(this, EVERY_NANOS);
            }
            guarded(() -> turn(time.nanos() - tryAgainAt >= 0));
        }
        guarded(() -> turn(true));
        guarded(backlog::close);
        ended.complete();
    }

    private void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException fault) {
            LOG.error("the call ledger failed; continuing", fault);
        }
    }

    /** Writes all that has been handed over, the backlog first. */
    private void turn(boolean mayTry) {
        boolean more = true;
        while (more) {
            List<CallRecord> batch = next();
            more = batch.size() == BATCH;
            if (!backlog.isEmpty() || !mayTry) {
                keep(batch);
                mayTry = mayTry && catchUp();
            } else if (!write(batch)) {
                keep(batch);
                mayTry = false;
            }
            inHandMillis = NEVER;
        }
        if (mayTry && time.nanos() - forgetAt >= 0) {
            forget();
        }
    }

    private List<CallRecord> next() {
        List<CallRecord> calls = new ArrayList<>(BATCH);
        queue.drainTo(calls, BATCH);
        if (!calls.isEmpty()) {
            inHandMillis = calls.getFirst().endedAtMillis();
        }
        return calls;
    }

    private void keep(List<CallRecord> calls) {
        if (calls.isEmpty() && backlog.inMemory() > 0) {
            // What is in memory may fit on the disk by now.
            backlog.keep(calls);
        }
        for (int from = 0; from < calls.size(); from += KEPT_AT_ONCE) {
            backlog.keep(calls.subList(from, Math.min(calls.size(), from + KEPT_AT_ONCE)));
        }
    }

    /** Writes the backlog; returns whether all of it is written. */
    private boolean catchUp() {
        while (!backlog.isEmpty()) {
            Optional<List<CallRecord>> oldest = backlog.oldest();
            if (oldest.isPresent()) {
                if (!writeAll(oldest.get())) {
                    return false;
                }
                backlog.removeOldest();
            }
            keepWhatCameMeanwhile();
        }
        return true;
    }

    private boolean writeAll(List<CallRecord> calls) {
        for (int from = 0; from < calls.size(); from += BATCH) {
            if (!write(calls.subList(from, Math.min(calls.size(), from + BATCH)))) {
                return false;
            }
        }
        return true;
    }

    private void keepWhatCameMeanwhile() {
        while (queue.size() >= BATCH) {
            keep(next());
        }
    }

    /** The ledger itself counts and logs a failure. */
    private boolean write(List<CallRecord> calls) {
        if (calls.isEmpty()) {
            return true;
        }
        try {
            int fresh = tables.write(calls);
            written.add(fresh);
            repeated.add(calls.size() - fresh);
            return true;
        } catch (Ledger.Refused odd) {
            return writeWithout(calls, odd);
        } catch (IOException away) {
            tryAgainAt = time.nanos() + EVERY_NANOS;
            return false;
        }
    }

    /** One record that the database refuses must not keep it from the others. */
    private boolean writeWithout(List<CallRecord> calls, Ledger.Refused odd) {
        int half = calls.size() / 2;
        if (half > 0) {
            return write(calls.subList(0, half)) && write(calls.subList(half, calls.size()));
        }
        refused.increment();
        LOG.error("the record of call {} is lost, the ledger rejected it: {}", calls.getFirst().id(),
                odd.getMessage());
        return true;
    }

    private void forget() {
        try {
            long before = time.now().minus(keepCalls).toEpochMilli();
            boolean more = written() > 0 && tables.forget(before, FORGOTTEN_AT_ONCE) == FORGOTTEN_AT_ONCE;
            forgetAt = time.nanos() + (more ? 0 : FORGET_EVERY_NANOS);
        } catch (IOException away) {
            forgetAt = time.nanos() + FORGET_EVERY_NANOS;
        }
    }

    @Override
    public long written() {
        return written.sum();
    }

    @Override
    public long repeated() {
        return repeated.sum();
    }

    @Override
    public long lost() {
        return backlog.lost() + refused.sum();
    }

    @Override
    public long torn() {
        return spool.torn();
    }

    @Override
    public long spooled() {
        return spool.records();
    }

    @Override
    public long spoolBytes() {
        return spool.bytes();
    }

    @Override
    public long inMemory() {
        return (long) queue.size() + backlog.inMemory();
    }

    @Override
    public double behindSeconds() {
        CallRecord waiting = queue.oldest();
        long oldest = Math.min(Math.min(inHandMillis, backlog.oldestMillis()),
                waiting == null ? NEVER : waiting.endedAtMillis());
        return oldest == NEVER ? 0 : Math.max(0, time.now().toEpochMilli() - oldest) / 1e3;
    }
}
