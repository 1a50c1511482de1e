package sluice.cache;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a caller asks of the cache with its {@code Cache-Control} header (RFC 9111, section 5.2.1).
 *
 * @param noCache      do not answer from the cache; the new answer may be stored
 * @param noStore      neither answer from the cache nor store the answer
 * @param onlyIfCached answer from the cache or not at all
 * @param maxAge       the oldest acceptable answer, in seconds; {@link Long#MAX_VALUE} for any
 */
public record CacheControl(boolean noCache, boolean noStore, boolean onlyIfCached, long maxAge) {
    private static final CacheControl ANY = new CacheControl(false, false, false, Long.MAX_VALUE);

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

    private CacheControl with(String directive) {
        return switch (directive) {
            case "no-cache" -> new CacheControl(true, noStore, onlyIfCached, maxAge);
            case "no-store" -> new CacheControl(noCache, true, onlyIfCached, maxAge);
            case "only-if-cached" -> new CacheControl(noCache, noStore, true, maxAge);
            default -> directive.matches("max-age=\\d{1,9}")
                    ? new CacheControl(noCache, noStore, onlyIfCached, Long.parseLong(directive.substring(8)))
                    : this;
        };
    }
}
