package sluice;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.ledger.DayLedger;
import sluice.time.Time;

/** Carries the levels of daily limits over a restart: reads them at the start, writes them every second and at the end. */
final class DayLimits {
    private static final Logger LOG = LoggerFactory.getLogger(DayLimits.class);
    private static final long EVERY_MILLIS = 1_000;

    private final Optional<DayLedger> ledger;
    private final Map<DayLedger.Key, DayLedger.Level> remembered;
    private final Map<String, Supplier<Map<String, Long>>> owners = new HashMap<>();
    private final Time time;
    private final Runnable onError;
    private boolean failing;

    private DayLimits(Optional<DayLedger> ledger, Map<DayLedger.Key, DayLedger.Level> remembered, Time time,
            Runnable onError) {
        this.ledger = ledger;
        this.remembered = remembered;
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
        if (!needed) {
            return new DayLimits(Optional.empty(), Map.of(), time, onError);
        }
        DayLedger ledger = DayLedger.open(file);
        return new DayLimits(Optional.of(ledger), ledger.read(), time, onError);
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
        if (ledger.isPresent()) {
            vertx.setPeriodic(EVERY_MILLIS, now -> vertx.executeBlocking(() -> {
                write();
                return true;
            }));
        }
    }

    /** Writes for the last time. */
    Future<Void> stop(Vertx vertx) {
        return ledger.isEmpty() ? Future.succeededFuture() : vertx.executeBlocking(() -> {
            write();
            ledger.get().close();
            return true;
        }).mapEmpty();
    }

    private synchronized void write() {
        Instant now = time.now();
        List<DayLedger.Level> levels = new ArrayList<>();
        owners.forEach((owner, current) -> current.get()
                .forEach((limit, remaining) -> levels
                        .add(new DayLedger.Level(new DayLedger.Key(owner, limit), remaining, now))));
        try {
            ledger.orElseThrow().write(levels);
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
