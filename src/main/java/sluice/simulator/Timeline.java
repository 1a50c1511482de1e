package sluice.simulator;

import java.util.Arrays;

/** The times of the last million events, in nanoseconds. Thread-safe. */
final class Timeline {
    static final int CAPACITY = 1_000_000;
    private static final int FIRST_SIZE = 1024;

    private long[] nanos = new long[FIRST_SIZE];
    private long count;

    synchronized void add(long now) {
        if (count == nanos.length && count < CAPACITY) {
            nanos = Arrays.copyOf(nanos, Math.min(CAPACITY, nanos.length * 2));
        }
        nanos[(int) (count % nanos.length)] = now;
        count++;
    }

    /** All events so far, including forgotten ones. */
    synchronized long count() {
        return count;
    }

    /** The most events in any span [t, t + window). */
    long maxInAnyWindow(long windowNanos) {
        long[] sorted = moments();
        int most = 0;
        int first = 0;
        for (int last = 0; last < sorted.length; last++) {
            while (sorted[last] - sorted[first] >= windowNanos) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    /** The times, in order. */
    long[] moments() {
        long[] sorted = snapshot();
        Arrays.sort(sorted);
        return sorted;
    }

    private synchronized long[] snapshot() {
        return Arrays.copyOf(nanos, (int) Math.min(count, nanos.length));
    }
}
