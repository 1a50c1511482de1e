package sluice.metrics;

import java.time.Instant;

/**
 * Writes instants as {@link Instant#toString} does, one after the other; what they share with the one before is not
 * worked out again. For one thread.
 */
final class ClockText {
    private static final int MICRO = 1000;
    private static final int MILLI = 1_000_000;

    private long second = Long.MIN_VALUE;
    /** Up to the seconds. */
    private String begins = "";

    void write(Instant instant, StringBuilder to) {
        if (instant.getEpochSecond() != second) {
            second = instant.getEpochSecond();
            String whole = Instant.ofEpochSecond(second).toString();
            begins = whole.substring(0, whole.length() - 1);
        }
        to.append(begins);
        int nanos = instant.getNano();
        if (nanos != 0) {
            to.append('.');
            if (nanos % MILLI == 0) {
                digits(nanos / MILLI, 100, to);
            } else if (nanos % MICRO == 0) {
                digits(nanos / MICRO, 100_000, to);
            } else {
                digits(nanos, 100_000_000, to);
            }
        }
        to.append('Z');
    }

    /** All digits down from the highest, zeros included. */
    private static void digits(int number, int highest, StringBuilder to) {
        for (int unit = highest; unit > 0; unit /= 10) {
            to.append((char) ('0' + number / unit % 10));
        }
    }
}
