package sluice.schedule;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The calls of one tenant that wait in one lane: first in, first out per model. */
final class LaneQueue {
    private final Map<String, Deque<Backlog.Entry>> byModel = new LinkedHashMap<>();
    private int size;
    private double cost;

    int size() {
        return size;
    }

    /** Of all that waits here, in shares of an account's limits. */
    double cost() {
        return cost;
    }

    void add(Backlog.Entry entry) {
        Deque<Backlog.Entry> line = byModel.computeIfAbsent(entry.call().need().model(), model -> new ArrayDeque<>());
        if (entry.call().returning()) {
            line.addFirst(entry);
        } else {
            line.addLast(entry);
        }
        size++;
        cost += entry.cost();
    }

    /** Whether the entry was waiting here. */
    boolean remove(Backlog.Entry entry) {
        Deque<Backlog.Entry> line = byModel.get(entry.call().need().model());
        if (line == null || !line.remove(entry)) {
            return false;
        }
        if (line.isEmpty()) {
            byModel.remove(entry.call().need().model());
        }
        size--;
        cost = size == 0 ? 0 : cost - entry.cost();
        return true;
    }

    /** Adds the oldest call of each model, the oldest of all first. */
    void addHeads(List<Backlog.Entry> heads) {
        int from = heads.size();
        for (Deque<Backlog.Entry> line : byModel.values()) {
            heads.add(line.getFirst());
        }
        if (heads.size() - from > 1) {
            heads.subList(from, heads.size()).sort(Comparator.comparingLong(Backlog.Entry::order));
        }
    }

    /** How many wait for the same model. */
    int size(String model) {
        Deque<Backlog.Entry> line = byModel.get(model);
        return line == null ? 0 : line.size();
    }

    /** Since when the oldest call for a model waits: one that has come back stands before those that are older. */
    long oldest(String model) {
        long oldest = Long.MAX_VALUE;
        for (Backlog.Entry entry : byModel.getOrDefault(model, new ArrayDeque<>())) {
            oldest = Math.min(oldest, entry.since());
            if (!entry.call().returning()) {
                break;
            }
        }
        return oldest;
    }

    /** All that waits here, in no particular order. */
    Stream<Backlog.Entry> entries() {
        return new ArrayList<>(byModel.values()).stream().flatMap(Deque::stream);
    }
}
