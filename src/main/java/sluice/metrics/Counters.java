package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** Counters of one name that differ in their labels, each made when it is first needed. */
final class Counters<K> {
    private final Map<K, Counter> made = new ConcurrentHashMap<>();
    private final Function<K, Counter> make;

    Counters(Function<K, Counter> make) {
        this.make = make;
    }

    Counter of(K labels) {
        Counter known = made.get(labels);
        return known == null ? made.computeIfAbsent(labels, make) : known;
    }
}
