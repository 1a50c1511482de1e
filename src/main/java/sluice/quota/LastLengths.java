package sluice.quota;

import java.util.Arrays;

/** The lengths of the last answers of one kind, and the one that nine in ten of them do not exceed. */
final class LastLengths {
    /** How many are remembered. */
    static final int REMEMBERED = 200;
    /** How many are needed for a conclusion. */
    static final int ENOUGH = 20;

    private static final int FIRST_ROOM = 32;

    /** In order of arrival, a ring starting at {@link #next}, and sorted by length. */
    private int[] last = new int[FIRST_ROOM];
    private int[] sorted = new int[FIRST_ROOM];
    private int known;
    private int next;
    private volatile long usual = Long.MAX_VALUE;

    /** The length that nine in ten do not exceed; the largest number there is while too few are known. */
    long usual() {
        return usual;
    }

    /** Another answer has come. */
    synchronized void add(long tokens) {
        int length = Math.clamp(tokens, 0, Integer.MAX_VALUE);
        if (known < REMEMBERED) {
            makeRoom();
            known++;
        } else {
            forget(last[next]);
        }
        last[next] = length;
        next = (next + 1) % REMEMBERED;
        insert(length);
        if (known >= ENOUGH) {
            usual = sorted[Math.ceilDiv(known * 9, 10) - 1];
        }
    }

    private void makeRoom() {
        if (known == last.length) {
            int room = Math.min(REMEMBERED, 2 * known);
            last = Arrays.copyOf(last, room);
            sorted = Arrays.copyOf(sorted, room);
        }
    }

    /** Closes the gap of the length that is dropped. */
    private void forget(int length) {
        int at = Arrays.binarySearch(sorted, 0, known, length);
        System.arraycopy(sorted, at + 1, sorted, at, known - at - 1);
    }

    /** Inserts a length in order among the others, of which there is one fewer than known. */
    private void insert(int length) {
        int found = Arrays.binarySearch(sorted, 0, known - 1, length);
        int at = found < 0 ? -found - 1 : found;
        System.arraycopy(sorted, at, sorted, at + 1, known - 1 - at);
        sorted[at] = length;
    }
}
