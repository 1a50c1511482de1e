package sluice.cluster;

import java.util.concurrent.TimeUnit;

/**
 * Whether the store can be trusted with a bucket. One that it loses twice in ten seconds, since another program deletes or
 * overwrites it, begins empty each time, and one that comes and goes is charged for what it did not answer; for as long,
 * each replica sees to it that it gets its part.
 */
final class Trust {
    private static final long SPAN_NANOS = TimeUnit.SECONDS.toNanos(10);

    private long lostAt;
    private long troubledAt;
    private volatile long givenAt;

    Trust(long now) {
        this.givenAt = now - SPAN_NANOS;
        this.lostAt = givenAt;
        this.troubledAt = givenAt;
    }

    boolean given(long now) {
        return now >= givenAt;
    }

    /** The store had forgotten the bucket, or was away. */
    synchronized void lost(long now) {
        if (now - lostAt < SPAN_NANOS) {
            troubledAt = now - givenAt < SPAN_NANOS ? troubledAt : now;
            givenAt = now + SPAN_NANOS;
        }
        lostAt = now;
    }

    /** Since when it is not given, or was not until a moment ago; else now. */
    synchronized long troubledAt(long now) {
        return now - givenAt < SPAN_NANOS ? troubledAt : now;
    }
}
