package sluice.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.DoubleSupplier;

/** The gauges of one tenant or account: replaced as a whole, since its limits may change while it is served. */
final class OwnGauges {

    /** One of them. */
    record Shown(String name, String description, Tags tags, DoubleSupplier value) {}

    private final MeterRegistry registry;
    private List<? extends Meter> shown = List.of();

    OwnGauges(MeterRegistry registry) {
        this.registry = registry;
    }

    synchronized void show(List<Shown> gauges) {
        shown.forEach(registry::remove);
        shown = gauges.stream().map(this::registered).toList();
    }

    void showOnlyIf(boolean present) {
        if (!present) {
            show(List.of());
        }
    }

    private Gauge registered(Shown gauge) {
        return Gauge.builder(gauge.name(), gauge.value()::getAsDouble).description(gauge.description())
                .tags(gauge.tags()).strongReference(true).register(registry);
    }
}
