package sluice.quota;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import sluice.openai.ModelGlob;

/**
 * The quota an upstream organization grants, and how strictly to stay within it.
 *
 * @param limits  over all calls, at most one of each kind
 * @param byModel limits of model families, enforced in addition to the account's own; every matching entry applies
 * @param strict  whether no 60 seconds may ever see more than the requests per minute; else the provider's own bucket
 * @param burst   requests that may be sent at once after a pause; at least 1
 */
public record AccountLimits(List<Limit> limits, Map<ModelGlob, List<Limit>> byModel, boolean strict, long burst) {

    /** Default requests per minute for OpenAI's free tier. */
    public static final long FREE_RPM = 100;
    /** Default requests per minute for OpenAI's paid tier. */
    public static final long PAID_RPM = 1000;

    /** The most requests per minute that an account's buckets can count. */
    public static final int MOST_RPM = 10_000_000;

    /** Over which a strict bucket spreads a minute's requests: the extra second absorbs jitter on the way. */
    public static final Duration STRICT_PERIOD = Duration.ofSeconds(61);

    public AccountLimits {
        limits = List.copyOf(limits);
        byModel = Collections.unmodifiableMap(new LinkedHashMap<>(byModel));
        if (burst < 1) {
            throw new IllegalArgumentException("burst: " + burst + " (expected: >= 1)");
        }
    }

    /** Whether any limit is per day, so that usage must be remembered across restarts. */
    public boolean hasDaily() {
        return Stream.concat(Stream.of(limits), byModel.values().stream()).flatMap(List::stream)
                .anyMatch(limit -> limit.kind().daily());
    }

    /** The same, plus limits of single models; if two are of a kind, the lower one applies. */
    public AccountLimits with(Map<String, List<Limit>> ofModels) {
        Map<ModelGlob, List<Limit>> all = new LinkedHashMap<>(byModel);
        ofModels.forEach((model, granted) -> all.merge(new ModelGlob(model), granted, AccountLimits::lower));
        return new AccountLimits(limits, all, strict, burst);
    }

    private static List<Limit> lower(List<Limit> own, List<Limit> granted) {
        Map<Limit.Kind, Limit> byKind = new EnumMap<>(Limit.Kind.class);
        Stream.concat(own.stream(), granted.stream()).forEach(limit -> byKind.merge(limit.kind(), limit,
                (one, other) -> one.amount() <= other.amount() ? one : other));
        return List.copyOf(byKind.values());
    }

    /** The default burst: 5 % of a strict rpm, at least 1; otherwise all of it. */
    public static long defaultBurst(long rpm, boolean strict) {
        return strict ? Math.max(1, rpm / 20) : rpm;
    }

    /** The largest burst that keeps a strict account's promise and still refills; otherwise all of the rpm. */
    public static long largestBurst(long rpm, boolean strict) {
        return strict ? Math.max(1, rpm / 2) : rpm;
    }
}
