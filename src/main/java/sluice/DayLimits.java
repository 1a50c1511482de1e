package sluice;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.ledger.DayLedger;
import sluice.time.Time;

/** Carries the levels of daily limits over a restart: reads them at the start, writes them every second and at the end. */
final class DayLimits {
    private static final Logger LOG = LoggerFactory.getLogger(DayLimits.class);
    private static final long EVERY_MILLIS = 1_000;

    private final Path file;
    private final Map<DayLedger.Key, DayLedger.Level> remembered = new ConcurrentHashMap<>();
    private final Map<String, Supplier<Map<String, Long>>> owners = new ConcurrentHashMap<>();
    private final Time time;
    private final Runnable onError;
    private volatile Optional<DayLedger> ledger = Optional.empty();
    private boolean failing;

    private DayLimits(Path file, Time time, Runnable onError) {
        this.file = file;
        this.time = time;
        this.onError = onError;
    }

    /**
     * Reads what was left.
     *
     * @param needed  whether there is any daily limit; if not, no file is touched
     * @param onError counts a writing that failed
     * @throws IOException if the file cannot be used
     */
    static DayLimits open(Path file, boolean needed, Time time, Runnable onError) throws IOException {
        DayLimits limits = new DayLimits(file, time, onError);
        if (needed) {
            limits.need();
        }
        return limits;
    }

    /**
     * There is a daily limit now: the file is opened, unless it is open.
     *
     * @throws IOException if the file cannot be used
     */
    synchronized void need() throws IOException {
        if (ledger.isEmpty()) {
            DayLedger opened = DayLedger.open(file);
            remembered.putAll(opened.read());
            ledger = Optional.of(opened);
        }
    }

    /** What is left of an owner's limit that holds so much when full, by the limit's name; below 0 if nothing is known. */
    long remaining(String owner, String limit, long amount) {
        DayLedger.Level level = remembered.get(new DayLedger.Key(owner, limit));
        return level == null ? -1 : level.remaining(amount, time.now());
    }

    /** The levels of an owner are to be remembered. */
    void watch(String owner, Supplier<Map<String, Long>> levels) {
        owners.put(owner, levels);
    }

    /** Writes from now on, off the event loops. */
    void start(Vertx vertx) {
        vertx.setPeriodic(EVERY_MILLIS, now -> {
            if (ledger.isPresent()) {
                vertx.executeBlocking(() -> {
                    write();
                    return true;
                });
            }
        });
    }

    /** Writes for the last time. */
    Future<Void> stop(Vertx vertx) {
        return vertx.executeBlocking(() -> {
            write();
            close();
            return true;
        }).mapEmpty();
    }

    private synchronized void close() throws IOException {
        if (ledger.isPresent()) {
            ledger.get().close();
        }
    }

    private synchronized void write() {
        if (ledger.isEmpty()) {
            return;
        }
        Instant now = time.now();
        List<DayLedger.Level> levels = new ArrayList<>();
        owners.forEach((owner, current) -> current.get()
                .forEach((limit, remaining) -> levels
                        .add(new DayLedger.Level(new DayLedger.Key(owner, limit), remaining, now))));
        try {
            ledger.get().write(levels);
            failing = false;
        } catch (IOException e) {
            onError.run();
            if (!failing) {
                LOG.error("daily limits are not remembered: {}", e.getMessage());
            }
            failing = true;
        }
    }
}
