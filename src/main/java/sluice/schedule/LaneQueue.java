package sluice.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** One tenant's waiting calls in one lane: first in, first out per model and service tier. */
final class LaneQueue {

    /** What the calls of one line have in common: whatever pauses one of them pauses all. */
    private record Kind(String model, String tier) {

        static Kind of(Backlog.Entry entry) {
            return new Kind(entry.call().need().model(), entry.call().need().tier());
        }
    }

    private final Map<Kind, Deque<Backlog.Entry>> lines = new LinkedHashMap<>();
    private int size;
    private double cost;

    int size() {
        return size;
    }

    /** The cost of all calls waiting here, in shares of an account's limits. */
    double cost() {
        return cost;
    }

    void add(Backlog.Entry entry) {
        Deque<Backlog.Entry> line = lines.computeIfAbsent(Kind.of(entry), fresh -> new ArrayDeque<>());
        if (entry.call().returning()) {
            line.addFirst(entry);
        } else {
            line.addLast(entry);
        }
        size++;
        cost += entry.cost();
    }

    /** Removes an entry; returns whether it was waiting here. */
    boolean remove(Backlog.Entry entry) {
        Deque<Backlog.Entry> line = lines.get(Kind.of(entry));
        if (line == null || !line.remove(entry)) {
            return false;
        }
        if (line.isEmpty()) {
            lines.remove(Kind.of(entry));
        }
        size--;
        cost = size == 0 ? 0 : cost - entry.cost();
        return true;
    }

    /** Adds the oldest call of each line, the oldest overall first. */
    void addHeads(List<Backlog.Entry> heads) {
        int from = heads.size();
        for (Deque<Backlog.Entry> line : lines.values()) {
            heads.add(line.getFirst());
        }
        if (heads.size() - from > 1) {
            heads.subList(from, heads.size()).sort(Comparator.comparingLong(Backlog.Entry::order));
        }
    }

    /** How many calls wait in an entry's line. */
    int lineOf(Backlog.Entry entry) {
        Deque<Backlog.Entry> line = lines.get(Kind.of(entry));
        return line == null ? 0 : line.size();
    }

    /** When the oldest call in an entry's line began to wait; calls that came back are in front of older ones. */
    long oldest(Backlog.Entry head) {
        long oldest = Long.MAX_VALUE;
        for (Backlog.Entry entry : lines.getOrDefault(Kind.of(head), new ArrayDeque<>())) {
            oldest = Math.min(oldest, entry.since());
            if (!entry.call().returning()) {
                break;
            }
        }
        return oldest;
    }

    /** All calls waiting here, in no particular order. */
    Stream<Backlog.Entry> entries() {
        return new ArrayList<>(lines.values()).stream().flatMap(Deque::stream);
    }
}
