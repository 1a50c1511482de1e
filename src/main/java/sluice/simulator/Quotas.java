package sluice.simulator;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The limits of one account, as the API enforces them: all of them admit a call, or none is charged. There is one set
 * of buckets per account or, if limits are not shared, per model. Not thread-safe: owned by one event loop.
 */
final class Quotas {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final int MODELS_MAX = 10_000;
    private static final String ALL_MODELS = "";

    /** What a limit counts, and its name in answers. */
    enum Kind {
        RPM("requests", "requests per min (RPM)"), RPD("requests", "requests per day (RPD)"), TPM("tokens",
                "tokens per min (TPM)"), TPD("tokens", "tokens per day (TPD)");

        final String type;
        final String text;

        Kind(String type, String text) {
            this.type = type;
            this.text = text;
        }
    }

    /** A limit and its bucket. */
    record Limit(Kind kind, RefillingBucket bucket) {}

    /** The limits' decision on a call, with the state shown in its headers. */
    sealed interface Decision {
        List<Level> levels();
    }

    record Granted(List<Level> levels) implements Decision {}

    /** Waiting helps: the refusing limit, the amount requested, and how long to wait. */
    record Refused(Kind kind, long limit, long used, long requested, long waitNanos,
            List<Level> levels) implements Decision {}

    /** Waiting never helps. */
    record TooLarge(Kind kind, long limit, long requested, List<Level> levels) implements Decision {}

    /** The state of one limit at some point in time. */
    record Level(Kind kind, long limit, long remaining, long resetNanos) {}

    private final SimulatedAccount account;
    private final Map<String, List<Limit>> limits = new HashMap<>();

    /** The limits of an account. What starts empty refills from the first call on. */
    Quotas(SimulatedAccount account) {
        this.account = account;
    }

    /** Charges one request and its tokens to every limit, or nothing to any. */
    Decision decide(String model, long tokens, long nowNanos) {
        List<Limit> mine = limitsOf(model, nowNanos);
        Decision refusal = refusal(mine, tokens, nowNanos);
        if (refusal != null) {
            return refusal;
        }
        for (Limit limit : mine) {
            limit.bucket().take(units(limit.kind(), tokens), nowNanos);
        }
        return new Granted(levels(mine, nowNanos));
    }

    /** The refusal that lasts longest, if any limit refuses. */
    private static @Nullable Decision refusal(List<Limit> limits, long tokens, long nowNanos) {
        Refused longest = null;
        for (Limit limit : limits) {
            RefillingBucket bucket = limit.bucket();
            long units = units(limit.kind(), tokens);
            if (!bucket.canHold(units)) {
                return new TooLarge(limit.kind(), bucket.limit(), units, levels(limits, nowNanos));
            }
            long wait = bucket.nanosUntil(units, nowNanos);
            if (wait > 0 && (longest == null || wait > longest.waitNanos())) {
                longest = new Refused(limit.kind(), bucket.limit(), bucket.used(nowNanos), units, wait,
                        levels(limits, nowNanos));
            }
        }
        return longest;
    }

    private List<Limit> limitsOf(String model, long nowNanos) {
        boolean together = account.shared() || (limits.size() > MODELS_MAX && !limits.containsKey(model));
        return limits.computeIfAbsent(together ? ALL_MODELS : model, any -> buckets(nowNanos));
    }

    private List<Limit> buckets(long nowNanos) {
        List<Limit> made = new ArrayList<>();
        add(made, Kind.RPM, account.rpm(), MINUTE, nowNanos);
        add(made, Kind.RPD, account.rpd(), DAY, nowNanos);
        add(made, Kind.TPM, account.tpm(), MINUTE, nowNanos);
        add(made, Kind.TPD, account.tpd(), DAY, nowNanos);
        return List.copyOf(made);
    }

    private void add(List<Limit> made, Kind kind, OptionalLong limit, Duration window, long nowNanos) {
        if (limit.isPresent()) {
            made.add(new Limit(kind,
                    new RefillingBucket(limit.getAsLong(), window, account.startEmpty(), nowNanos)));
        }
    }

    private static long units(Kind kind, long tokens) {
        return kind == Kind.RPM || kind == Kind.RPD ? 1 : tokens;
    }

    private static List<Level> levels(List<Limit> limits, long nowNanos) {
        List<Level> levels = new ArrayList<>(limits.size());
        for (Limit limit : limits) {
            RefillingBucket bucket = limit.bucket();
            levels.add(new Level(limit.kind(), bucket.limit(), bucket.remaining(nowNanos),
                    bucket.nanosUntilFull(nowNanos)));
        }
        return levels;
    }
}
