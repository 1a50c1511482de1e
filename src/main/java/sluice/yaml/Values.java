package sluice.yaml;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
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
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.net.CertifiedKey;
import sluice.net.Network;

/** Parsers for texts: words, names, addresses, files and days. */
public final class Values {
    /** The highest port. */
    public static final int LAST_PORT = 65_535;

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    private static final Pattern HOST = Pattern.compile("[A-Za-z0-9._:%-]+");
    private static final Pattern NETWORK = Pattern.compile("[0-9A-Fa-f.:]+(/[0-9]{1,3})?");
    private static final Pattern VISIBLE = Pattern.compile("[\\x21-\\x7e]+");

    private Values() {}

    /** A URL with a scheme and a host, which {@code fits} may rely on. */
    public static URI url(String text, Predicate<URI> fits, String expected) throws Unacceptable {
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

    public static boolean isWeb(URI url) {
        return url.getScheme().equals("http") || url.getScheme().equals("https");
    }

    /** A part of a URL without its percent-encoding. */
    public static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    public static Parser<Boolean> flag() {
        return Parser.of(() -> Map.of("enum", List.of(true, false, "true", "false")), text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Unacceptable("true or false");
        });
    }

    /** One of an enum's names, in lower case with hyphens. */
    public static <E extends Enum<E>> Parser<E> word(Class<E> type) {
        List<E> constants = Arrays.asList(type.getEnumConstants());
        List<String> words = constants.stream().map(Values::wordOf).toList();
        return Parser.of(() -> Map.of("enum", words),
                text -> constants.get(words.indexOf(oneOf("one of ", words).parse(text))), Values::wordOf);
    }

    public static String wordOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * One of these words.
     *
     * @param what introduces the words in messages
     */
    public static Parser<String> oneOf(String what, List<String> words) {
        return text -> {
            if (!words.contains(text)) {
                throw new Unacceptable(among(what, words, text));
            }
            return text;
        };
    }

    /** What is expected instead of a text that is none of these words. */
    public static String among(String what, List<String> words, String text) {
        return what + String.join(", ", words)
                + NearestWord.of(text, words).map(word -> "; did you mean " + word + "?").orElse("");
    }

    /** The name of a plan or an account, as it appears in logs and metrics. */
    public static Parser<String> name() {
        return matching(NAME, "a name of at most 64 of a-z 0-9 . _ -, the first a letter or digit");
    }

    public static Parser<String> host() {
        return matching(HOST, "a host name or address such as 127.0.0.1");
    }

    /** Text that is allowed in a header. */
    public static Parser<String> visible() {
        return visible("visible ASCII characters without spaces");
    }

    /** Such text, described otherwise in messages. */
    public static Parser<String> visible(String expected) {
        return matching(VISIBLE, expected);
    }

    static boolean isVisible(String text) {
        return VISIBLE.matcher(text).matches();
    }

    /** A network in CIDR notation, or a single address. */
    public static Parser<Network> network() {
        return Parser.of(() -> text(NETWORK), text -> Network.parse(text).orElseThrow(
                () -> new Unacceptable("a network such as 10.0.0.0/8 or fd00::/8, or an address")), Network::toString);
    }

    /** A text that matches this pattern in full. */
    public static Parser<String> matching(Pattern pattern, String expected) {
        return Parser.of(() -> text(pattern), text -> {
            if (!pattern.matcher(text).matches()) {
                throw new Unacceptable(expected);
            }
            return text;
        });
    }

    /** A folder, which need not be there. */
    public static Parser<Path> folder() {
        return path(folder -> Files.isDirectory(folder) || !Files.exists(folder),
                "a folder, or where one can be created");
    }

    /** A readable file. */
    public static Parser<Path> file() {
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
    public static Parser<Path> authorities() {
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
    public static Parser<Instant> endOf() {
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
    public static <T> Parser<Optional<T>> orNothing(Parser<T> parser) {
        return Parser.of(() -> Map.of("anyOf", List.of(parser.form(), Map.of("maxLength", 0))),
                text -> text.isEmpty() ? Optional.empty() : Optional.of(parser.parse(text)),
                value -> value.map(parser::shown).orElse(""));
    }

    /** A pattern for any of these in full. */
    public static String anchored(Pattern... patterns) {
        return Stream.of(patterns).map(Pattern::pattern).collect(Collectors.joining("|", "^(?:", ")$"));
    }

    /** A text that matches one of these patterns in full. */
    public static Map<String, Object> text(Pattern... patterns) {
        return Map.of("type", "string", "pattern", anchored(patterns));
    }
}
