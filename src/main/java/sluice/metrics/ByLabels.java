package sluice.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Meters with the same name and different labels, each created when first needed. */
final class ByLabels<K, M> {
    private final Map<K, M> made = new ConcurrentHashMap<>();
    private final Function<K, M> make;
    /** Calls of one kind come one after the other. */
    private volatile @Nullable Latest<K, M> latest;

    private record Latest<K, M>(K labels, M meter) {}

    ByLabels(Function<K, M> make) {
        this.make = make;
    }

    M of(K labels) {
        Latest<K, M> recent = latest;
        if (recent != null && recent.labels().equals(labels)) {
            return recent.meter();
        }
        M known = made.get(labels);
        M meter = known == null ? made.computeIfAbsent(labels, make) : known;
        latest = new Latest<>(labels, meter);
        return meter;
    }
}
