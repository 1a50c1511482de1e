package sluice.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Meters with the same name and different labels, each created when first needed. */
final class ByLabels<K, M> {
    private final Map<K, M> made = new ConcurrentHashMap<>();
    private final Function<K, M> make;

    ByLabels(Function<K, M> make) {
        this.make = make;
    }

    M of(K labels) {
        M known = made.get(labels);
        return known == null ? made.computeIfAbsent(labels, make) : known;
    }
}
