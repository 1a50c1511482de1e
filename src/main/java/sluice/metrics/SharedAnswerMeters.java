package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Looks for answers that replicas share, by tier: the cache's second one, and calls that may be repeated. */
public final class SharedAnswerMeters {
    private static final Duration[] SECONDS = {Duration.ofNanos(500_000), Duration.ofMillis(1), Duration.ofMillis(2),
            Duration.ofMillis(5), Duration.ofMillis(10), Duration.ofMillis(25), Duration.ofMillis(50),
            Duration.ofMillis(100), Duration.ofMillis(250), Duration.ofSeconds(1)};

    private record Look(String tier, String result) {}

    private final MeterRegistry registry;
    private final ByLabels<Look, Counter> looks;
    private final ByLabels<String, Timer> times;

    SharedAnswerMeters(MeterRegistry registry) {
        this.registry = registry;
        this.looks = new ByLabels<>(look -> Counter.builder("sluice.shared.answers.lookups")
                .description("Looks for answers that replicas share, by tier and result")
                .tags("tier", look.tier(), "result", look.result()).register(registry));
        this.times = new ByLabels<>(tier -> Timer.builder("sluice.shared.answers.lookup")
                .description("How long looks for answers that replicas share took").tag("tier", tier)
                .serviceLevelObjectives(SECONDS).register(registry));
    }

    /** A look is over, with this result. */
    public void looked(String tier, String result) {
        looks.of(new Look(tier, result)).increment();
    }

    /** A look took so many nanoseconds. */
    public void took(String tier, long nanos) {
        times.of(tier).record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Whether the store of a tier is reachable. */
    public void reachable(String tier, BooleanSupplier reachable) {
        Gauge.builder("sluice.shared.answers.reachable", () -> reachable.getAsBoolean() ? 1 : 0)
                .description("1 while the store of shared answers is reachable, else 0").tag("tier", tier)
                .strongReference(true).register(registry);
    }
}
