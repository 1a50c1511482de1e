package sluice.owners;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.time.Time;

/**
 * Writes changes of owners as soon as they arrive, on a dedicated thread. While the ledger is away they wait in memory,
 * and are already in effect on this replica.
 */
final class OwnerWriter {
    private static final Logger LOG = LoggerFactory.getLogger(OwnerWriter.class);
    private static final int MOST_WAITING = 100_000;
    private static final int BATCH = 1_000;
    private static final Duration PAUSE = Duration.ofSeconds(1);
    /** The API keeps answers for 30 days. */
    private static final Duration KEPT = Duration.ofDays(32);
    private static final Duration FORGET_EVERY = Duration.ofMinutes(1);
    private static final int FORGOTTEN_AT_ONCE = 5_000;

    private final OwnerTable table;
    private final Map<StoredObject.Key, Change> waiting = new ConcurrentHashMap<>();
    private final LongAdder lost = new LongAdder();
    private final AtomicBoolean full = new AtomicBoolean();
    private final Promise<Void> ended = Promise.promise();
    private final Thread thread;
    private final Time time;
    private long forgetAt;
    private boolean used;
    private volatile boolean closing;

    OwnerWriter(OwnerTable table, Time time) {
        this.table = table;
        this.time = time;
        this.forgetAt = time.nanos() + FORGET_EVERY.toNanos();
        this.thread = Thread.ofPlatform().name("sluice-owners").daemon().unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    Future<Void> stop() {
        closing = true;
        if (!thread.isAlive()) {
            return Future.succeededFuture();
        }
        LockSupport.unpark(thread);
        return ended.future();
    }

    /** If two tenants make the same object, the first one counts; a deletion always does. */
    void add(Change change) {
        if (waiting.size() >= MOST_WAITING) {
            lost.increment();
            if (full.compareAndSet(false, true)) {
                LOG.error("owners of stored objects are lost, since the ledger has not taken {} of them; "
                        + "assign the objects by the admin API", MOST_WAITING);
            }
            return;
        }
        switch (change) {
            case Change.Made(StoredObject object) ->
                waiting.merge(object.key(), change, (before, fresh) -> before instanceof Change.Made ? before : fresh);
            case Change.Gone(StoredObject.Key key) -> waiting.put(key, change);
        }
        LockSupport.unpark(thread);
    }

    /** The change of an object that is still to be written; null if there is none. */
    @Nullable
    Change coming(StoredObject.Key key) {
        return waiting.get(key);
    }

    boolean ownsAny(String account, String tenant, String kind) {
        return waiting.values().stream().anyMatch(change -> change instanceof Change.Made(StoredObject object)
                && object.account().equals(account) && object.tenant().equals(tenant) && object.kind().equals(kind));
    }

    int waiting() {
        return waiting.size();
    }

    long lost() {
        return lost.sum();
    }

    private void run() {
        while (!closing) {
            if (waiting.isEmpty()) {
                LockSupport.parkNanos(this, FORGET_EVERY.toNanos());
                forget();
            } else if (!write()) {
                LockSupport.parkNanos(this, PAUSE.toNanos());
            }
        }
        boolean goesOn = true;
        while (goesOn && !waiting.isEmpty()) {
            goesOn = write();
        }
        if (!waiting.isEmpty()) {
            LOG.error("the owners of {} stored objects are lost, since the ledger is away", waiting.size());
        }
        ended.complete();
    }

    /** Removes owners of answers long gone, a few at a time. A ledger without owners is left alone. */
    private void forget() {
        if (closing || !used || time.nanos() - forgetAt < 0) {
            return;
        }
        forgetAt = time.nanos() + FORGET_EVERY.toNanos();
        try {
            int last = FORGOTTEN_AT_ONCE;
            while (last == FORGOTTEN_AT_ONCE && !closing) {
                last = table.forget(time.now().toEpochMilli() - KEPT.toMillis(), FORGOTTEN_AT_ONCE);
            }
        } catch (IOException told) {
            // The ledger has counted and logged it; the rest goes next time.
        }
    }

    private boolean write() {
        List<Map.Entry<StoredObject.Key, Change>> batch = new ArrayList<>();
        for (Map.Entry<StoredObject.Key, Change> each : waiting.entrySet()) {
            batch.add(Map.entry(each.getKey(), each.getValue()));
            if (batch.size() == BATCH) {
                break;
            }
        }
        try {
            table.write(batch.stream().map(Map.Entry::getValue).toList());
        } catch (IOException told) {
            // The ledger has counted and logged it.
            return false;
        } catch (RuntimeException fault) {
            LOG.error("owners of stored objects could not be written; continuing", fault);
            return false;
        }
        batch.forEach(each -> waiting.remove(each.getKey(), each.getValue()));
        full.set(false);
        used = true;
        return true;
    }
}
