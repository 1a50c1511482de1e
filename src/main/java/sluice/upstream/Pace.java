package sluice.upstream;

import java.time.Duration;

/**
 * How fast a model is sent calls, and how fast it may be while the upstream wants it slower. Immutable.
 *
 * @param sum      of the calls, older ones counting less and less
 * @param began    when the first one was sent, or the first after a rest
 * @param last     when the last one was sent
 * @param interval required between two calls until it lapses; 0 if none
 * @param since    when the interval was set
 * @param next     when the next call may be sent
 */
public record Pace(double sum, long began, long last, long interval, long since, long next) {
    /** Nothing sent yet, and nothing slowed. */
    public static final Pace FREE = new Pace(0, 0, 0, 0, 0, 0);

    private static final double MEMORY_NANOS = Duration.ofSeconds(10).toNanos();
    private static final long REST_NANOS = Duration.ofSeconds(30).toNanos();
    private static final long LAPSES_NANOS = Duration.ofSeconds(60).toNanos();

    /** Slow-downs received by calls in flight together count once. */
    private static final long ONCE_NANOS = Duration.ofSeconds(1).toNanos();

    /** However often it is halved, at least one call every ten seconds may be sent. */
    private static final long LONGEST_INTERVAL = Duration.ofSeconds(10).toNanos();

    /** A call is sent. */
    public Pace sent(long now) {
        boolean rested = sum == 0 || now - last > REST_NANOS;
        return new Pace(rested ? 1 : sum * faded(now - last) + 1, rested ? now : began, now, interval, since,
                slowed(now) ? Math.max(now, next + interval) : next);
    }

    /** From now on half as many calls may be sent. */
    public Pace halved(long now) {
        if (slowed(now) && now - since < ONCE_NANOS) {
            return this;
        }
        long twice = (long) Math.clamp(2 / Math.max(rate(now), 1e-12), 1.0, (double) LONGEST_INTERVAL);
        return new Pace(sum, began, last, twice, now, now + twice);
    }

    /** Nanoseconds until a call may be sent; 0 if now. */
    public long waitNanos(long now) {
        return slowed(now) ? Math.max(0, next - now) : 0;
    }

    private boolean slowed(long now) {
        return interval > 0 && now - since < LAPSES_NANOS;
    }

    /** Calls per nanosecond, over a second at least, so that the first few do not count for many. */
    private double rate(long now) {
        double over = MEMORY_NANOS * (1 - faded(Math.max(now - began, ONCE_NANOS)));
        return sum * faded(now - last) / over;
    }

    private static double faded(long nanos) {
        return Math.exp(-nanos / MEMORY_NANOS);
    }
}
