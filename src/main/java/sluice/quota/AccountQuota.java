package sluice.quota;

import java.util.List;
import java.util.Map;
import java.util.LinkedHashMap;
import java.util.function.DoubleSupplier;
import sluice.time.Time;

/** The buckets of one upstream account; every attempt takes from all of them or from none. */
public final class AccountQuota {

    private record Held(Limit limit, LocalBucket bucket) {}

    private final List<Held> buckets;

    /** Makes the buckets of an account in this process. */
    public AccountQuota(AccountLimits limits, Time time) {
        this.buckets = limits.limits().stream().map(limit -> new Held(limit, bucket(limit, limits, time))).toList();
    }

    /** Takes one request from every limit; 0 if taken, else the nanoseconds until it may be tried again. */
    public long takeRequest() {
        for (int i = 0; i < buckets.size(); i++) {
            QuotaBucket.Probe probe = buckets.get(i).bucket().takeNow(1);
            if (!probe.taken()) {
                giveBack(i);
                return probe.waitNanos();
            }
        }
        return 0;
    }

    /** Gives back a request that was not sent. */
    public void giveBackRequest() {
        giveBack(buckets.size());
    }

    /**
     * The time from one request to the next when calls are waiting, in nanoseconds: the slowest refill of the limits that
     * are exhausted, since what is left of the others does not hold calls up.
     */
    public long intervalNanos() {
        long exhausted = 0;
        long fastest = Long.MAX_VALUE;
        for (Held held : buckets) {
            long interval = held.bucket().intervalNanos();
            fastest = Math.min(fastest, interval);
            exhausted = held.bucket().level().remaining() == 0 ? Math.max(exhausted, interval) : exhausted;
        }
        return exhausted > 0 ? exhausted : fastest;
    }

    /** Share of each limit that is left, 0 to 1, by the limit's key; read by the metrics. */
    public Map<String, DoubleSupplier> remainingRatios() {
        Map<String, DoubleSupplier> ratios = new LinkedHashMap<>();
        for (Held held : buckets) {
            ratios.put(held.limit().kind().key(), () -> {
                QuotaBucket.Level level = held.bucket().level();
                return (double) level.remaining() / level.limit();
            });
        }
        return ratios;
    }

    private void giveBack(int count) {
        for (int i = 0; i < count; i++) {
            buckets.get(i).bucket().giveBack(1);
        }
    }

    private static LocalBucket bucket(Limit limit, AccountLimits limits, Time time) {
        return switch (limit.kind()) {
            case RPM -> limits.strict()
                    ? LocalBucket.strict(limit.amount(), limits.burst(), time)
                    : LocalBucket.lenient(limit, limits.burst(), time);
            case RPD -> LocalBucket.of(limit, time);
        };
    }
}
