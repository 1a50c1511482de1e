package sluice.simulator;

import java.time.Duration;

/**
 * A continuously refilled limit: it holds {@code limit} units and refills {@code limit} units per window.
 * <p>
 * <b>State.</b> One number: when the bucket will be full again. Taking {@code n} units moves that moment by
 * {@code n / limit} of the window, and a take fits while the moment stays within one window of now. So
 * {@code used = (fullAt - now) / window * limit} and {@code wait = (used + n - limit) / limit * window}. Not
 * thread-safe.
 */
final class RefillingBucket {
    private static final double ROUNDING = 1e-6;

    private final long limit;
    private final long windowNanos;
    private long fullAtNanos;

    RefillingBucket(long limit, Duration window, boolean startsEmpty, long nowNanos) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: > 0)");
        }
        this.limit = limit;
        this.windowNanos = window.toNanos();
        this.fullAtNanos = startsEmpty ? nowNanos + windowNanos : nowNanos;
    }

    long limit() {
        return limit;
    }

    /** Whether this many units can ever be taken at once. */
    boolean canHold(long units) {
        return units <= limit;
    }

    /** Nanoseconds until this many units can be taken, 0 if they can be taken now. They must fit into the bucket. */
    long nanosUntil(long units, long nowNanos) {
        return Math.max(0, nanosUntilFull(nowNanos) + cost(units) - windowNanos);
    }

    /** Takes units whose {@link #nanosUntil} is 0. */
    void take(long units, long nowNanos) {
        fullAtNanos = nowNanos + nanosUntilFull(nowNanos) + cost(units);
    }

    /** Units taken and not yet refilled, rounded up. */
    long used(long nowNanos) {
        double used = (double) nanosUntilFull(nowNanos) / windowNanos * limit;
        return Math.min(limit, (long) Math.ceil(used - ROUNDING));
    }

    long remaining(long nowNanos) {
        return limit - used(nowNanos);
    }

    long nanosUntilFull(long nowNanos) {
        return Math.max(0, fullAtNanos - nowNanos);
    }

    /** The refill time of the units; split so that a day of a large limit does not overflow. */
    private long cost(long units) {
        return units * (windowNanos / limit) + units * (windowNanos % limit) / limit;
    }
}
