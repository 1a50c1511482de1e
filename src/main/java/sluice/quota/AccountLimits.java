package sluice.quota;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import sluice.openai.ModelGlob;

/**
 * The quota that an upstream organisation grants, and how carefully it is spent.
 *
 * @param limits  over all calls, at most one of each kind
 * @param byModel limits of model families, held beside the account's own; every matching entry applies
 * @param strict whether no 60 seconds may ever see more than the requests per minute; else the provider's own bucket
 * @param burst  requests that may be sent at once after a pause; at least 1
 */
public record AccountLimits(List<Limit> limits, Map<ModelGlob, List<Limit>> byModel, boolean strict, long burst) {

    /** Requests per minute of OpenAI's free tier, unless configured. */
    public static final long FREE_RPM = 100;
    /** Requests per minute of OpenAI's paid tier, unless configured. */
    public static final long PAID_RPM = 1000;

    /** The largest requests per minute that the buckets of an account can count. */
    public static final int MOST_RPM = 10_000_000;

    /** Over which a strict bucket spreads a minute's requests: the second above 60 absorbs jitter on the way. */
    public static final Duration STRICT_PERIOD = Duration.ofSeconds(61);

    public AccountLimits {
        limits = List.copyOf(limits);
        byModel = Collections.unmodifiableMap(new LinkedHashMap<>(byModel));
        if (burst < 1) {
            throw new IllegalArgumentException("burst: " + burst + " (expected: >= 1)");
        }
    }

    /** The burst where none is configured: 5 % of a strict rpm, at least 1; all of it otherwise. */
    public static long defaultBurst(long rpm, boolean strict) {
        return strict ? Math.max(1, rpm / 20) : rpm;
    }

    /** The largest burst that keeps a strict account's promise while still refilling; all of the rpm otherwise. */
    public static long largestBurst(long rpm, boolean strict) {
        return strict ? Math.max(1, rpm / 2) : rpm;
    }
}
