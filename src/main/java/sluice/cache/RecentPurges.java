package sluice.cache;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * The latest purges, so that answers of calls that began before one are not kept after it. Of a purge that is forgotten
 * it remembers the time alone, and takes it to have covered everything.
 */
final class RecentPurges {
    private static final int MOST = 64;

    private static final Purge EVERYTHING = new Purge(Optional.empty(), Optional.empty(), Optional.empty(),
            Optional.empty());

    private record Past(Purge purge, long atNanos) {}

    private final AtomicReference<List<Past>> past = new AtomicReference<>(List.of());

    void add(Purge purge, long now) {
        past.updateAndGet(
                before -> Stream.concat(shortened(before).stream(), Stream.of(new Past(purge, now))).toList());
    }

    private static List<Past> shortened(List<Past> all) {
        if (all.size() < MOST) {
            return all;
        }
        long first = all.getFirst().atNanos();
        long second = all.get(1).atNanos();
        Past forgotten = new Past(EVERYTHING, second - first >= 0 ? second : first);
        return Stream.concat(Stream.of(forgotten), all.stream().skip(2)).toList();
    }

    /** Whether one of them covers an answer that was begun before it. */
    boolean cover(PromptKey key, Retention retention) {
        for (Past each : past.get()) {
            if (each.atNanos() - retention.sinceNanos() >= 0 && each.purge().covers(key, retention.source())) {
                return true;
            }
        }
        return false;
    }
}
