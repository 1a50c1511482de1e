package sluice.simulator;

/** Formats durations as Go does, in whole milliseconds, rounded down: {@code 17ms}, {@code 8.64s}, {@code 6m0s}. */
final class GoDuration {
    private GoDuration() {}

    static String ofNanos(long nanos) {
        long millis = nanos / 1_000_000;
        if (millis == 0) {
            return "0s";
        }
        if (millis < 1000) {
            return millis + "ms";
        }
        long minutes = millis / 60_000;
        String seconds = seconds(millis % 60_000);
        if (minutes == 0) {
            return seconds;
        }
        return minutes < 60 ? minutes + "m" + seconds : minutes / 60 + "h" + minutes % 60 + "m" + seconds;
    }

    private static String seconds(long millis) {
        if (millis % 1000 == 0) {
            return millis / 1000 + "s";
        }
        String fraction = String.valueOf(1000 + millis % 1000).substring(1);
        return millis / 1000 + "." + fraction.replaceAll("0+$", "") + "s";
    }
}
