package sluice.ledger;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.quota.QuotaBucket;
import sluice.time.Time;

/**
 * Carries the levels of daily limits across restarts: reads them at start, and writes those that calls have changed
 * every second and at shutdown. A limit that is only refilling needs no write: its row implies when it will be full.
 */
public final class DayLimits {
    private static final Logger LOG = LoggerFactory.getLogger(DayLimits.class);
    private static final long EVERY_MILLIS = 1_000;
    /** A row's time is in milliseconds, and from a different clock than the limits use. */
    private static final Duration CLOCKS_DIFFER = Duration.ofMillis(2);

    private final Ledger ledger;
    private final DayLedger rows;
    private final Map<DayLedger.Key, DayLedger.Level> remembered = new ConcurrentHashMap<>();
    private final Map<DayLedger.Key, DayLedger.Level> written = new HashMap<>();
    private final Map<String, Supplier<Map<String, QuotaBucket.Level>>> owners = new ConcurrentHashMap<>();
    private final Time time;
    private final AtomicBoolean writing = new AtomicBoolean();
    private volatile boolean needed;

    private DayLimits(Ledger ledger, Time time) {
        this.ledger = ledger;
        this.rows = new DayLedger(ledger);
        this.time = time;
    }

    /**
     * Reads what was left.
     *
     * @param needed whether there is any daily limit; if not, the ledger stays as it is
     * @throws IOException if the ledger cannot be used
     */
    public static DayLimits open(Ledger ledger, boolean needed, Time time) throws IOException {
        DayLimits limits = new DayLimits(ledger, time);
        if (needed) {
            limits.need();
        }
        return limits;
    }

    /**
     * Opens the ledger and reads what was left, unless that is done, since there is a daily limit now.
     *
     * @throws IOException if the ledger cannot be used
     */
    public synchronized void need() throws IOException {
        if (!needed) {
            ledger.open();
            Map<DayLedger.Key, DayLedger.Level> levels = rows.read();
            remembered.putAll(levels);
            written.putAll(levels);
            needed = true;
        }
    }

    /** What remains of an owner's limit, given its name and its amount when full; below 0 if nothing is known. */
    public long remaining(String owner, String limit, long amount) {
        DayLedger.Level level = remembered.get(new DayLedger.Key(owner, limit));
        return level == null ? -1 : Math.max(0, level.remaining(amount, time.now()));
    }

    /** What an owner has used beyond its limit, and must wait for; 0 if nothing is known. */
    public long owed(String owner, String limit, long amount) {
        DayLedger.Level level = remembered.get(new DayLedger.Key(owner, limit));
        return level == null ? 0 : Math.max(0, -level.remaining(amount, time.now()));
    }

    /** What an owner has spent of a budget since its period began; 0 if nothing is known. */
    public long spent(String owner, String budget, Instant since) {
        DayLedger.Level level = remembered.get(new DayLedger.Key(owner, budget));
        return level == null || level.at().isBefore(since) ? 0 : Math.max(0, -level.remaining());
    }

    /** Starts recording the levels of an owner. */
    public void watch(String owner, Supplier<Map<String, QuotaBucket.Level>> levels) {
        owners.put(owner, levels);
    }

    /** Ends recording them; what was written stays. */
    public void forget(String owner) {
        owners.remove(owner);
    }

    /** Starts writing, off the event loops; writes never overlap. */
    public void start(Vertx vertx) {
        vertx.setPeriodic(EVERY_MILLIS, now -> {
            if (needed && writing.compareAndSet(false, true)) {
                vertx.executeBlocking(() -> {
                    write(false);
                    return true;
                }).onFailure(failure -> LOG.error("daily limits could not be written", failure))
                        .onComplete(done -> writing.set(false));
            }
        });
    }

    /** Writes one last time. */
    public Future<Void> stop(Vertx vertx) {
        return vertx.executeBlocking(() -> {
            write(true);
            return true;
        }).mapEmpty();
    }

    /**
     * Writes the levels that have changed.
     *
     * @param last whether this is the last write, which must be exact
     */
    synchronized void write(boolean last) {
        if (!needed) {
            return;
        }
        Instant now = time.now();
        Map<DayLedger.Key, DayLedger.Level> changed = new HashMap<>();
        List<DayLedger.Correction> corrections = new ArrayList<>();
        owners.forEach((owner, levels) -> levels.get().forEach((limit, level) -> {
            DayLedger.Key key = new DayLedger.Key(owner, limit);
            DayLedger.Level known = written.get(key);
            DayLedger.Level current = new DayLedger.Level(key, left(level), now);
            if (differsByCalls(known, level, now)) {
                changed.put(key, current);
            } else if (last && known != null && differs(known, level, now)) {
                corrections.add(new DayLedger.Correction(known, current));
            }
        }));
        try {
            if (!changed.isEmpty()) {
                rows.write(changed.values());
                written.putAll(changed);
            }
            if (!corrections.isEmpty()) {
                rows.correct(corrections);
            }
        } catch (IOException reported) {
            // The ledger has counted and logged it; the next write is in a second.
        }
    }

    /** Below 0 if it owes. */
    private static long left(QuotaBucket.Level level) {
        return level.remaining() - level.owed();
    }

    private static boolean differs(DayLedger.Level known, QuotaBucket.Level level, Instant now) {
        return left(level) != known.remaining(level.limit(), now);
    }

    /**
     * Whether less remains than the row predicts, or over one more: rows hold whole numbers, so a limit that is only
     * refilling may be up to one ahead.
     */
    private static boolean differsByCalls(DayLedger.@Nullable Level known, QuotaBucket.Level level, Instant now) {
        if (known == null) {
            return left(level) < level.limit();
        }
        return left(level) < known.remaining(level.limit(), now.minus(CLOCKS_DIFFER))
                || left(level) > known.remaining(level.limit(), now.plus(CLOCKS_DIFFER)) + 1;
    }
}
