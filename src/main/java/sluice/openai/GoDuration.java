package sluice.openai;

/**
 * Durations as OpenAI writes them in its rate limit headers: {@code 17ms}, {@code 1.2s}, {@code 6m0s}. In nanoseconds.
 */
public final class GoDuration {
    private static final long MILLI = 1_000_000;
    private static final long SECOND = 1000 * MILLI;

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

    /** Reads a duration, or a plain number of seconds; -1 for anything else or for more than 292 years. */
    public static long parse(String text) {
        long nanos = 0;
        int at = 0;
        do {
            int unit = endOfNumber(text, at);
            int end = unit;
            while (end < text.length() && isLetter(text.charAt(end))) {
                end++;
            }
            boolean bare = at == 0 && end == unit;
            long part = decimal(text, at, unit, bare ? SECOND : unit(text, unit, end));
            nanos += part;
            if (part < 0 || nanos < 0) {
                return -1;
            }
            at = end;
        } while (at < text.length());
        return nanos;
    }

    /**
     * Reads a number with an optional fraction and multiplies it.
     *
     * @return -1 if it is not a number, is below 0, or the product is too large
     */
    public static long decimal(String text, long times) {
        return decimal(text, 0, text.length(), times);
    }

    private static long decimal(String text, int from, int to, long times) {
        double value = 0;
        double place = 0;
        int digits = 0;
        for (int i = from; i < to; i++) {
            char c = text.charAt(i);
            if (c == '.' && place == 0 && digits > 0) {
                place = 1;
            } else if (c >= '0' && c <= '9' && digits < 18) {
                value = value * 10 + (c - '0');
                place *= 10;
                digits++;
            } else {
                return -1;
            }
        }
        double product = value * times / Math.max(1, place);
        boolean number = digits > 0 && place != 1 && times > 0;
        return number && product < 0x1p63 ? Math.round(product) : -1;
    }

    private static int endOfNumber(String text, int from) {
        int end = from;
        while (end < text.length() && !isLetter(text.charAt(end))) {
            end++;
        }
        return end;
    }

    private static boolean isLetter(char c) {
        return (c >= 'a' && c <= 'z') || c == '\u00b5';
    }

    /** The length of a unit; 0 if there is no such unit. */
    private static long unit(String text, int from, int to) {
        return switch (text.substring(from, to)) {
            case "h" -> 3600 * SECOND;
            case "m" -> 60 * SECOND;
            case "s" -> SECOND;
            case "ms" -> MILLI;
            case "us", "\u00b5s" -> 1000;
            case "ns" -> 1;
            default -> 0;
        };
    }
}
