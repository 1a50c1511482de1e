package sluice.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.net.CertifiedKey;
import sluice.net.Network;
import sluice.openai.ModelGlob;
import sluice.price.Rates;

/** Parsers for the values in the file. */
final class Values {
    /** Far above any real limit, yet small enough to calculate with. */
    static final long MOST = 1_000_000_000;
    static final int LAST_PORT = 65_535;

    private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,18}");
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,10})(ms|s|m|h|d)");
    private static final Pattern SIZE = Pattern.compile("([0-9]{1,12})(B|KiB|MiB|GiB)");
    private static final Pattern SHARE = Pattern.compile("([0-9]{1,3})%");
    private static final String PER_SECOND = "/s";
    private static final Pattern WEIGHT = Pattern.compile("[0-9]{1,6}(\\.[0-9]{1,3})?");
    private static final Pattern DOLLARS = Pattern.compile("[0-9]{1,7}(\\.[0-9]{1,6})?");
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]+");
    private static final Pattern NETWORK = Pattern.compile("[0-9A-Fa-f.:]+(/[0-9]{1,3})?");
    private static final Pattern VISIBLE = Pattern.compile("[\\x21-\\x7e]+");
    private static final Map<String, Long> MILLIS = Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d",
            86_400_000L);
    private static final Map<String, Long> BYTES = Map.of("B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    private Values() {}

    /** A whole number from {@code least} to {@link #MOST}. */
    static Parser<Long> count(long least) {
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

    static Parser<Integer> count(int least, int most) {
        return Parser.of(() -> whole(least, most), text -> {
            if (!WHOLE.matcher(text).matches() || Long.parseLong(text) < least || Long.parseLong(text) > most) {
                throw new Unacceptable("a whole number from " + least + " to " + most);
            }
            return Integer.parseInt(text);
        });
    }

    static Parser<Duration> duration(Duration least, Duration most) {
        return Parser.of(() -> text(DURATION), text -> {
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

    static Parser<Long> size(long least, long most) {
        return Parser.of(() -> text(SIZE), text -> {
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
    static Parser<Long> sizeOrShare(long least, long whole) {
        return Parser.of(() -> text(SIZE, SHARE), text -> {
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
    static Parser<Integer> countOrShare(int whole) {
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
    static Parser<Long> rate(long least, long most) {
        return Parser.of(() -> text(Pattern.compile(SIZE + PER_SECOND)), text -> {
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
    static Parser<Double> share(double least, double most) {
        return Parser.of(() -> text(SHARE), text -> {
            Matcher matcher = SHARE.matcher(text);
            double share = matcher.matches() ? Integer.parseInt(matcher.group(1)) / 100.0 : -1;
            if (share < least || share > most) {
                throw new Unacceptable(
                        "a share from " + Math.round(least * 100) + "% to " + Math.round(most * 100) + "%");
            }
            return share;
        }, Values::percent);
    }

    /** A number above 0 with at most three decimals. */
    static Parser<Double> weight() {
        return Parser.of(
                () -> Map.of("type", List.of("number", "string"), "exclusiveMinimum", 0, "pattern", anchored(WEIGHT)),
                text -> {
                    double weight = WEIGHT.matcher(text).matches() ? Double.parseDouble(text) : 0;
                    if (weight <= 0) {
                        throw new Unacceptable("a number above 0 such as 1, 2.5 or 0.5");
                    }
                    return weight;
                });
    }

    /** A price in dollars with at most six decimals. */
    static Parser<BigDecimal> dollars() {
        return dollars("minimum", BigDecimal.ZERO,
                "US dollars from 0 to " + Rates.DEAREST + " with at most six decimals, such as 1.25");
    }

    /** A sum of dollars above 0. */
    static Parser<BigDecimal> budget() {
        return dollars("exclusiveMinimum", new BigDecimal("0.000001"),
                "US dollars above 0, at most " + Rates.DEAREST + ", such as 25 or 0.5");
    }

    private static Parser<BigDecimal> dollars(String bound, BigDecimal least, String expected) {
        return Parser.of(() -> Map.of("type", List.of("number", "string"), bound, 0, "maximum", Rates.DEAREST,
                "pattern", anchored(DOLLARS)), text -> {
                    BigDecimal sum = DOLLARS.matcher(text).matches() ? new BigDecimal(text) : BigDecimal.valueOf(-1);
                    if (sum.compareTo(least) < 0 || sum.compareTo(BigDecimal.valueOf(Rates.DEAREST)) > 0) {
                        throw new Unacceptable(expected);
                    }
                    return sum;
                }, BigDecimal::toPlainString);
    }

    /** The address of a telemetry collector, without a path: each signal has its own. */
    static Parser<URI> collector() {
        return Parser.of(() -> text(Pattern.compile("https?://[^/?#@]+/?")),
                text -> url(text.endsWith("/") ? text.substring(0, text.length() - 1) : text,
                        url -> isWeb(url) && url.getRawPath().isEmpty() && url.getUserInfo() == null
                                && url.getQuery() == null && url.getFragment() == null,
                        "an address without a path, such as http://collector.internal:4318"));
    }

    /** A URL with a scheme and a host, which {@code fits} may rely on. */
    static URI url(String text, Predicate<URI> fits, String expected) throws Unacceptable {
        try {
            URI url = new URI(text);
            if (url.getScheme() != null && url.getHost() != null && url.getPort() <= LAST_PORT && fits.test(url)) {
                return url;
            }
        } catch (URISyntaxException e) {
            // Not a URL.
        }
        throw new Unacceptable(expected);
    }

    static boolean isWeb(URI url) {
        return url.getScheme().equals("http") || url.getScheme().equals("https");
    }

    /** A part of a URL without its percent-encoding. */
    static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    static Parser<Boolean> flag() {
        return Parser.of(() -> Map.of("enum", List.of(true, false, "true", "false")), text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Unacceptable("true or false");
        });
    }

    /** One of an enum's names, in lower case with hyphens. */
    static <E extends Enum<E>> Parser<E> word(Class<E> type) {
        List<E> constants = Arrays.asList(type.getEnumConstants());
        List<String> words = constants.stream().map(Values::wordOf).toList();
        return Parser.of(() -> Map.of("enum", words),
                text -> constants.get(words.indexOf(oneOf("one of ", words).parse(text))), Values::wordOf);
    }

    static String wordOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * One of these words.
     *
     * @param what introduces the words in messages
     */
    static Parser<String> oneOf(String what, List<String> words) {
        return text -> {
            if (!words.contains(text)) {
                Optional<String> nearest = NearestWord.of(text, words);
                throw new Unacceptable(what + String.join(", ", words)
                        + nearest.map(word -> "; did you mean " + word + "?").orElse(""));
            }
            return text;
        };
    }

    /** The name of a plan or an account, as it appears in logs and metrics. */
    static Parser<String> name() {
        return matching(NAME, "a name of at most 64 of a-z 0-9 . _ -, the first a letter or digit");
    }

    static Parser<String> host() {
        return matching(HOST, "a host name or address such as 127.0.0.1");
    }

    /** Text that is allowed in a header. */
    static Parser<String> visible() {
        return matching(VISIBLE, "visible ASCII characters without spaces");
    }

    static boolean isVisible(String text) {
        return VISIBLE.matcher(text).matches();
    }

    /** A network in CIDR notation, or a single address. */
    static Parser<Network> network() {
        return Parser.of(() -> text(NETWORK), text -> Network.parse(text).orElseThrow(
                () -> new Unacceptable("a network such as 10.0.0.0/8 or fd00::/8, or an address")), Network::toString);
    }

    static Parser<ModelGlob> glob() {
        Parser<String> pattern = matching(VISIBLE, "the name of a model, or a pattern such as gpt-4o*");
        return Parser.of(pattern::form, text -> new ModelGlob(pattern.parse(text)));
    }

    /** A text that matches this pattern in full. */
    static Parser<String> matching(Pattern pattern, String expected) {
        return Parser.of(() -> text(pattern), text -> {
            if (!pattern.matcher(text).matches()) {
                throw new Unacceptable(expected);
            }
            return text;
        });
    }

    /** A folder, which need not be there. */
    static Parser<Path> folder() {
        return path(folder -> Files.isDirectory(folder) || !Files.exists(folder),
                "a folder, or where one can be created");
    }

    /** A readable file. */
    static Parser<Path> file() {
        return path(file -> Files.isRegularFile(file) && Files.isReadable(file), "a file that exists and can be read");
    }

    private static Parser<Path> path(Predicate<Path> fits, String expected) {
        return text -> {
            try {
                Path path = Path.of(text);
                if (!text.isEmpty() && fits.test(path)) {
                    return path;
                }
            } catch (InvalidPathException e) {
                // Not a valid name on this system, so there is no such file.
            }
            throw new Unacceptable(expected);
        };
    }

    /** A file of CA certificates. */
    static Parser<Path> authorities() {
        return text -> {
            Path file = file().parse(text);
            try {
                CertifiedKey.readAuthorities(file);
                return file;
            } catch (CertifiedKey.Unusable unusable) {
                throw new Unacceptable("certificates in PEM", Redaction.shown(text) + " " + unusable.why().what());
            }
        };
    }

    /** An instant, or a day, which means the moment it ends in UTC. */
    static Parser<Instant> endOf() {
        return Parser.of(() -> text(Pattern.compile("\\d{4}-\\d{2}-\\d{2}(T.+)?")), text -> {
            try {
                return text.contains("T")
                        ? Instant.parse(text)
                        : LocalDate.parse(text).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
            } catch (DateTimeParseException e) {
                throw new Unacceptable("a day such as 2027-01-31, or an instant such as 2027-01-31T12:00:00Z");
            }
        });
    }

    /** Nothing at all, or the parsed text. */
    static <T> Parser<Optional<T>> orNothing(Parser<T> parser) {
        return Parser.of(() -> Map.of("anyOf", List.of(parser.form(), Map.of("maxLength", 0))),
                text -> text.isEmpty() ? Optional.empty() : Optional.of(parser.parse(text)),
                value -> value.map(parser::shown).orElse(""));
    }

    private static String percent(double share) {
        return BigDecimal.valueOf(share * 100).setScale(6, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString()
                + "%";
    }

    private static String anchored(Pattern... patterns) {
        return Stream.of(patterns).map(Pattern::pattern).collect(Collectors.joining("|", "^(?:", ")$"));
    }

    /** A text that matches one of these patterns in full. */
    static Map<String, Object> text(Pattern... patterns) {
        return Map.of("type", "string", "pattern", anchored(patterns));
    }

    private static Map<String, Object> whole(long least, long most) {
        return wholeOr(least, most, WHOLE);
    }

    /** An integer, or a text that matches one of these patterns. */
    private static Map<String, Object> wholeOr(long least, long most, Pattern... patterns) {
        return Map.of("type", List.of("integer", "string"), "minimum", least, "maximum", most, "pattern",
                anchored(patterns));
    }

    private static long unit(Map<String, Long> units, Matcher matcher) {
        return units.getOrDefault(matcher.group(2), 1L);
    }
}
