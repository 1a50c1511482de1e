package sluice.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** One tenant's waiting calls in one lane: first in, first out per model and service tier. */
final class LaneQueue {

    /** What the calls of one line have in common: whatever pauses one of them pauses all. */
    private record Kind(String model, String tier) {

        static Kind of(Backlog.Entry entry) {
            return new Kind(entry.call().need().model(), entry.call().need().tier());
        }
    }

    /** The calls of one kind, and what they cost together. */
    private static final class Line {
        final Deque<Backlog.Entry> calls = new ArrayDeque<>();
        double cost;
    }

    private static final Line NONE = new Line();

    private final Map<Kind, Line> lines = new LinkedHashMap<>();
    private int size;

    int size() {
        return size;
    }

    /** The cost of the calls waiting here, in shares of an account's limits, of those lines whose first call counts. */
    double cost(Predicate<Call> counts) {
        double cost = 0;
        for (Line line : lines.values()) {
            if (counts.test(line.calls.getFirst().call())) {
                cost += line.cost;
            }
        }
        return cost;
    }

    void add(Backlog.Entry entry) {
        Line line = lines.computeIfAbsent(Kind.of(entry), fresh -> new Line());
        if (entry.call().returning()) {
            line.calls.addFirst(entry);
        } else {
            line.calls.addLast(entry);
        }
        size++;
        line.cost += entry.cost();
    }

    /** Removes an entry; returns whether it was waiting here. */
    boolean remove(Backlog.Entry entry) {
        Line line = lines.get(Kind.of(entry));
        if (line == null || !line.calls.remove(entry)) {
            return false;
        }
        if (line.calls.isEmpty()) {
            lines.remove(Kind.of(entry));
        }
        size--;
        line.cost -= entry.cost();
        return true;
    }

    /** Adds the oldest call of each line, the oldest overall first. */
    void addHeads(List<Backlog.Entry> heads) {
        int from = heads.size();
        for (Line line : lines.values()) {
            heads.add(line.calls.getFirst());
        }
        if (heads.size() - from > 1) {
            heads.subList(from, heads.size()).sort(Comparator.comparingLong(Backlog.Entry::order));
        }
    }

    /** How many calls wait in an entry's line. */
    int lineOf(Backlog.Entry entry) {
        return lines.getOrDefault(Kind.of(entry), NONE).calls.size();
    }

    /** When the oldest call in an entry's line began to wait; calls that came back are in front of older ones. */
    long oldest(Backlog.Entry head) {
        long oldest = Long.MAX_VALUE;
        for (Backlog.Entry entry : lines.getOrDefault(Kind.of(head), NONE).calls) {
            oldest = Math.min(oldest, entry.since());
            if (!entry.call().returning()) {
                break;
            }
        }
        return oldest;
    }

    /** All calls waiting here, in no particular order. */
    Stream<Backlog.Entry> entries() {
        return new ArrayList<>(lines.values()).stream().flatMap(line -> line.calls.stream());
    }
}
