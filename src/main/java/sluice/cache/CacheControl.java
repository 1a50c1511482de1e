package sluice.cache;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.openai.GoDuration;

/**
 * What a caller asks of the cache: with its {@code Cache-Control} header (RFC 9111, section 5.2.1), and with two of ours.
 *
 * @param noCache      do not answer from the cache; the new answer may be stored
 * @param noStore      neither answer from the cache nor store the answer
 * @param onlyIfCached answer from the cache or not at all
 * @param maxAge       the oldest acceptable answer, in seconds; {@link Long#MAX_VALUE} for any
 * @param ttl          how long its own answer is to be kept
 * @param namespace    where its answer is looked for and kept; empty if it names none
 */
public record CacheControl(boolean noCache, boolean noStore, boolean onlyIfCached, long maxAge, Optional<Duration> ttl,
        String namespace) {
    /** How long its own answer is to be kept. */
    public static final String TTL = "x-sluice-cache-ttl";
    /** Where its answer is looked for and kept. */
    public static final String NAMESPACE = "x-sluice-cache-namespace";

    private static final CacheControl ANY = new CacheControl(false, false, false, Long.MAX_VALUE, Optional.empty(), "");

    /** A malformed header of ours. */
    public static final class Unclear extends Exception {
        private static final long serialVersionUID = 1L;

        private final String header;
        private final String expected;

        Unclear(String header, String expected) {
            super(header, null, false, false);
            this.header = header;
            this.expected = expected;
        }

        public String header() {
            return header;
        }

        public String expected() {
            return expected;
        }
    }

    /** Parses the header's value, null if it was not sent; unknown directives are ignored. */
    public static CacheControl parse(@Nullable String header) {
        if (header == null) {
            return ANY;
        }
        CacheControl control = ANY;
        for (String directive : header.toLowerCase(Locale.ROOT).split(",", -1)) {
            control = control.with(directive.strip());
        }
        return control;
    }

    /**
     * The same, with what the headers {@link #TTL} and {@link #NAMESPACE} say; null if they were not sent.
     *
     * @throws Unclear if one of them is malformed
     */
    public CacheControl with(@Nullable String ttlAsked, @Nullable String namespaceAsked) throws Unclear {
        return ttlAsked == null && namespaceAsked == null
                ? this
                : new CacheControl(noCache, noStore, onlyIfCached, maxAge, duration(ttlAsked), name(namespaceAsked));
    }

    private static Optional<Duration> duration(@Nullable String text) throws Unclear {
        if (text == null) {
            return Optional.empty();
        }
        long nanos = GoDuration.parse(text.strip());
        if (nanos <= 0) {
            throw new Unclear(TTL, "a duration above 0 such as 30s, 10m or 24h; to keep nothing, send cache-control: "
                    + "no-store");
        }
        return Optional.of(Duration.ofNanos(nanos));
    }

    private static String name(@Nullable String text) throws Unclear {
        if (text == null) {
            return "";
        }
        if (!CachePolicy.NAMESPACE.matcher(text.strip()).matches()) {
            throw new Unclear(NAMESPACE, "a name of at most 64 of A-Z a-z 0-9 . _ -");
        }
        return text.strip();
    }

    private CacheControl with(String directive) {
        return switch (directive) {
            case "no-cache" -> new CacheControl(true, noStore, onlyIfCached, maxAge, ttl, namespace);
            case "no-store" -> new CacheControl(noCache, true, onlyIfCached, maxAge, ttl, namespace);
            case "only-if-cached" -> new CacheControl(noCache, noStore, true, maxAge, ttl, namespace);
            default -> directive.matches("max-age=\\d{1,9}")
                    ? new CacheControl(noCache, noStore, onlyIfCached, Long.parseLong(directive.substring(8)), ttl,
                            namespace)
                    : this;
        };
    }
}
