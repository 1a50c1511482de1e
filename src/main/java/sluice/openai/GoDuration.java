package sluice.openai;

/** Durations as OpenAI writes them in its rate limit headers: {@code 17ms}, {@code 1.2s}, {@code 6m0s}. */
public final class GoDuration {
    private static final long MILLI = 1_000_000;

    private GoDuration() {}

    /**
     * Writes a duration, rounded up to milliseconds.
     *
     * @param nanos at least 0
     */
    public static String format(long nanos) {
        long millis = Math.ceilDiv(nanos, MILLI);
        if (millis == 0) {
            return "0s";
        }
        if (millis < 1000) {
            return millis + "ms";
        }
        long hours = millis / 3_600_000;
        long minutes = millis / 60_000 % 60;
        StringBuilder text = new StringBuilder();
        if (hours > 0) {
            text.append(hours).append('h');
        }
        if (hours > 0 || minutes > 0) {
            text.append(minutes).append('m');
        }
        text.append(millis / 1000 % 60);
        long fraction = millis % 1000;
        if (fraction > 0) {
            text.append('.');
        }
        for (long digit = 100; fraction > 0; digit /= 10) {
            text.append(fraction / digit);
            fraction %= digit;
        }
        return text.append('s').toString();
    }
}
