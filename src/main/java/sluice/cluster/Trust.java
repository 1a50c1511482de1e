package sluice.cluster;

import java.util.concurrent.TimeUnit;

/**
 * Whether the store can be trusted with a bucket. One lost twice in ten seconds, because another program deletes or
 * overwrites it, starts empty each time, and one whose store comes and goes is charged for the outages; for ten seconds
 * after that, each replica makes sure it gets its own share.
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

    /** Since when trust has been lost, or was until less than ten seconds ago; otherwise now. */
    synchronized long troubledAt(long now) {
        return now - givenAt < SPAN_NANOS ? troubledAt : now;
    }
}
