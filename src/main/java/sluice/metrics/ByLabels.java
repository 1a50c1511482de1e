package sluice.metrics;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Meters of one name that differ in their labels, each made when it is first needed. */
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
