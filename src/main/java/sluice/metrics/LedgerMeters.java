package sluice.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.ToDoubleFunction;

/** The meters of the ledger of calls: whether each record gets where it belongs, and how late. */
public final class LedgerMeters {

    /** What has happened to the records so far. */
    public interface Figures {

        /** In the database. */
        long written();

        /** Sent to the database again, which had them already. */
        long repeated();

        /** Lost. */
        long lost();

        /** Lines of the spool that could not be read. */
        long torn();

        /** Now on disk, waiting for the database. */
        long spooled();

        /** The size of the spool. */
        long spoolBytes();

        /** Now in memory, waiting for the database. */
        long inMemory();

        /** The age of the oldest record that the database does not have; 0 if it has all. */
        double behindSeconds();
    }

    private LedgerMeters() {}

    static void register(MeterRegistry registry, Figures figures) {
        count(registry, figures, "written", Figures::written);
        count(registry, figures, "repeated", Figures::repeated);
        count(registry, figures, "lost", Figures::lost);
        count(registry, figures, "torn", Figures::torn);
        waiting(registry, figures, "disk", Figures::spooled);
        waiting(registry, figures, "memory", Figures::inMemory);
        Gauge.builder("sluice.ledger.spool.bytes", figures, Figures::spoolBytes)
                .description("Size of the spool").strongReference(true)
                .register(registry);
        Gauge.builder("sluice.ledger.behind.seconds", figures, Figures::behindSeconds)
                .description("Age of the oldest call record the database does not have").strongReference(true)
                .register(registry);
    }

    private static void count(MeterRegistry registry, Figures figures, String result, ToDoubleFunction<Figures> count) {
        FunctionCounter.builder("sluice.ledger.calls", figures, count).tag("result", result)
                .description("Call records, by what became of them").register(registry);
    }

    private static void waiting(MeterRegistry registry, Figures figures, String place,
            ToDoubleFunction<Figures> count) {
        Gauge.builder("sluice.ledger.waiting", figures, count).tag("place", place)
                .description("Call records waiting for the database").strongReference(true).register(registry);
    }
}
