package sluice.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/**
 * The gauges of one tenant or account, whose limits may change at run time. A gauge that stays keeps its series and
 * only changes its source, so a concurrent scrape neither misses it nor sees it twice.
 */
final class OwnGauges {

    /** One gauge. */
    record Shown(String name, String description, Tags tags, DoubleSupplier value) {

        private Series series() {
            return new Series(name, tags);
        }
    }

    private record Series(String name, Tags tags) {}

    /** A registered gauge and the current source of its value. */
    private static final class Source {
        private volatile DoubleSupplier value;
        private final Meter meter;

        private Source(Shown gauge, MeterRegistry registry) {
            value = gauge.value();
            meter = Gauge.builder(gauge.name(), () -> value.getAsDouble()).description(gauge.description())
                    .tags(gauge.tags()).strongReference(true).register(registry);
        }
    }

    private final MeterRegistry registry;
    private final Map<Series, Source> shown = new HashMap<>();

    OwnGauges(MeterRegistry registry) {
        this.registry = registry;
    }

    synchronized void show(List<Shown> gauges) {
        Set<Series> wanted = gauges.stream().map(Shown::series).collect(Collectors.toSet());
        shown.entrySet().removeIf(known -> {
            boolean gone = !wanted.contains(known.getKey());
            if (gone) {
                registry.remove(known.getValue().meter);
            }
            return gone;
        });
        for (Shown gauge : gauges) {
            shown.computeIfAbsent(gauge.series(), fresh -> new Source(gauge, registry)).value = gauge.value();
        }
    }

    void showOnlyIf(boolean present) {
        if (!present) {
            show(List.of());
        }
    }
}
