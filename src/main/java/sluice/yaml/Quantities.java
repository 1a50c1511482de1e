package sluice.yaml;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Parsers for numbers, most with a unit: counts, durations, sizes, rates and shares. */
public final class Quantities {
    /** Far above any real limit, yet small enough to calculate with. */
    private static final long MOST = 1_000_000_000;

    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,10})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB)");
    private static final Pattern SHARE = Pattern.compile("([0-9]{1,3})%");
    private static final String PER_SECOND = "/s";
    private static final Pattern WEIGHT = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,3})?");
    private static final Pattern SUM = Pattern.compile("[0-9]{1,7}(\\.[0-9]{1,6})?");
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d",
            86_400_000L);
    private static final Map<String, Long> BYTES = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    private Quantities() {}

    /** A whole number from {@code least} to {@link #MOST}. */
    public static Parser<Long> count(long least) {
        return Parser.of(() -> whole(least, MOST), text -> {
            if (!WHOLE.matcher(text).matches() || Long.parseLong(text) < least) {
                throw new Unacceptable("a whole number >= " + least);
            }
            if (Long.parseLong(text) > MOST) {
                throw new Unacceptable("a whole number <= " + MOST);
            }
            return Long.parseLong(text);
        });
    }

    public static Parser<Integer> count(int least, int most) {
        return Parser.of(() -> whole(least, most), text -> {
            if (!WHOLE.matcher(text).matches() || Long.parseLong(text) < least || Long.parseLong(text) > most) {
                throw new Unacceptable("a whole number from " + least + " to " + most);
            }
            return Integer.parseInt(text);
        });
    }

    public static Parser<Duration> duration(Duration least, Duration most) {
        return Parser.of(() -> Values.text(DURATION), text -> {
            Matcher matcher = DURATION.matcher(text);
            if (!matcher.matches()) {
                throw new Unacceptable("a duration such as 30s");
            }
            Duration duration = Duration.ofMillis(Long.parseLong(matcher.group(1)) * unit(MILLIS, matcher));
            if (duration.compareTo(least) < 0 || duration.compareTo(most) > 0) {
                throw new Unacceptable("a duration from " + TypedText.of(least) + " to " + TypedText.of(most));
            }
            return duration;
        }, TypedText::of);
    }

    public static Parser<Long> size(long least, long most) {
        return Parser.of(() -> Values.text(SIZE), text -> {
            Matcher matcher = SIZE.matcher(text);
            if (!matcher.matches()) {
                throw new Unacceptable("a size such as 32MiB");
            }
            long number = Long.parseLong(matcher.group(1));
            long unit = unit(BYTES, matcher);
            if (number > most / unit || number * unit < least) {
                throw new Unacceptable("a size from " + TypedText.of(least) + " to " + TypedText.of(most));
            }
            return number * unit;
        }, TypedText::of);
    }

    /** A size, or a percentage of {@code whole}. */
    public static Parser<Long> sizeOrShare(long least, long whole) {
        return Parser.of(() -> Values.text(SIZE, SHARE), text -> {
            if (SHARE.matcher(text).matches()) {
                return Math.max(1, whole / 100 * percentage(text, " of the heap"));
            }
            if (!SIZE.matcher(text).matches()) {
                throw new Unacceptable("a size such as 512MiB, or a share of the heap such as 25%");
            }
            return size(least, whole).parse(text);
        }, TypedText::of);
    }

    /** A whole number from 1 to {@code whole}, or a percentage of it. */
    public static Parser<Integer> countOrShare(int whole) {
        return Parser.of(() -> wholeOr(1, MOST, SHARE), text -> {
            if (SHARE.matcher(text).matches()) {
                return (int) Math.max(1, whole * percentage(text, "") / 100);
            }
            if (!WHOLE.matcher(text).matches() || Long.parseLong(text) < 1 || Long.parseLong(text) > whole) {
                throw new Unacceptable("a whole number from 1 to " + whole + ", or a share such as 50%");
            }
            return Integer.parseInt(text);
        });
    }

    private static long percentage(String share, String of) throws Unacceptable {
        long percent = Long.parseLong(share.substring(0, share.length() - 1));
        if (percent < 1 || percent > 100) {
            throw new Unacceptable("a share from 1% to 100%" + of);
        }
        return percent;
    }

    /** A size per second, in bytes. */
    public static Parser<Long> rate(long least, long most) {
        return Parser.of(() -> Values.text(Pattern.compile(SIZE + PER_SECOND)), text -> {
            if (!text.endsWith(PER_SECOND)
                    || !SIZE.matcher(text.substring(0, text.length() - PER_SECOND.length())).matches()) {
                throw new Unacceptable("a size a second such as 1KiB/s");
            }
            try {
                return size(least, most).parse(text.substring(0, text.length() - PER_SECOND.length()));
            } catch (Unacceptable outOfRange) {
                throw new Unacceptable("a rate from " + TypedText.rate(least) + " to " + TypedText.rate(most));
            }
        }, TypedText::rate);
    }

    /** A percentage, as a share from 0 to 1. */
    public static Parser<Double> share(double least, double most) {
        return Parser.of(() -> Values.text(SHARE), text -> {
            Matcher matcher = SHARE.matcher(text);
            double share = matcher.matches() ? Integer.parseInt(matcher.group(1)) / 100.0 : -1;
            if (share < least || share > most) {
                throw new Unacceptable(
                        "a share from " + Math.round(least * 100) + "% to " + Math.round(most * 100) + "%");
            }
            return share;
        }, Quantities::percent);
    }

    /** A number above 0 with at most three decimals. */
    public static Parser<Double> weight() {
        return Parser.of(
                () -> Map.of("type", List.of("number", "string"), "exclusiveMinimum", 0, "pattern",
                        Values.anchored(WEIGHT)),
                text -> {
                    double weight = WEIGHT.matcher(text).matches() ? Double.parseDouble(text) : 0;
                    if (weight <= 0) {
                        throw new Unacceptable("a number above 0 such as 1, 2.5 or 0.5");
                    }
                    return weight;
                });
    }

    /** A sum of money from 0, with at most six decimals. */
    public static Parser<BigDecimal> sum(long most, String expected) {
        return sum("minimum", "0", most, expected);
    }

    /** A sum of money above 0, with at most six decimals. */
    public static Parser<BigDecimal> positiveSum(long most, String expected) {
        return sum("exclusiveMinimum", "0.000001", most, expected);
    }

    private static Parser<BigDecimal> sum(String bound, String least, long most, String expected) {
        return Parser.of(() -> Map.of("type", List.of("number", "string"), bound, 0, "maximum", most, "pattern",
                Values.anchored(SUM)), text -> {
                    BigDecimal sum = SUM.matcher(text).matches() ? new BigDecimal(text) : BigDecimal.valueOf(-1);
                    if (sum.compareTo(new BigDecimal(least)) < 0 || sum.compareTo(BigDecimal.valueOf(most)) > 0) {
                        throw new Unacceptable(expected);
                    }
                    return sum;
                }, BigDecimal::toPlainString);
    }

    private static String percent(double share) {
        return Math.round(share * 100) + "%";
    }

    private static Map<String, Object> whole(long least, long most) {
        return wholeOr(least, most, WHOLE);
    }

    /** An integer, or a text that matches one of these patterns. */
    private static Map<String, Object> wholeOr(long least, long most, Pattern... patterns) {
        return Map.of("type", List.of("integer", "string"), "minimum", least, "maximum", most, "pattern",
                Values.anchored(patterns));
    }

    private static long unit(Map<String, Long> units, Matcher matcher) {
        return units.getOrDefault(matcher.group(2), 1L);
    }
}
