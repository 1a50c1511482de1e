package sluice.cluster;

/** How much is taken per second, and how much to keep at hand. Not thread-safe. */
final class Demand {
    /** Over which the rate is averaged; short, so that slices follow it at once. */
    private static final double MEMORY_NANOS = 1e9;
    /** Seconds of demand that a slice should cover. */
    private static final double AHEAD_SECONDS = 0.5;
    /** Infrequent calls are averaged over this longer time, and get a slice of {@link #FEW}. */
    private static final double LONG_MEMORY_NANOS = 4e9;
    private static final double FEW = 5;
    /**
     * At least this many calls within the long memory are worth a slice; below that, returning the unused rest costs a
     * message. Chosen by simulating random arrivals: one message per call at a call every ten seconds, about half a
     * message at one a second.
     */
    private static final double REGULAR = 2.7;

    private double calls;
    private double sum;
    private double regular;
    private long at;

    void count(long amount, long now) {
        double faded = faded(now, MEMORY_NANOS);
        calls = calls * faded + 1;
        sum = sum * faded + amount;
        regular = regular * faded(now, LONG_MEMORY_NANOS) + 1;
        at = now;
    }

    /** How much to hold for the next calls, with this many waiting that are not counted yet. */
    long ahead(long now, int waiting) {
        double few = regular * faded(now, LONG_MEMORY_NANOS) + waiting < REGULAR ? 0 : FEW;
        return (long) (Math.max(few, soon(now)) * mean());
    }

    /** How much to fetch before anyone has to wait for it; 0 if calls are infrequent. */
    long pressing(long now) {
        return (long) (soon(now) * mean());
    }

    /** Anything above this is too much to hold. */
    long enough(long now) {
        return Math.max((long) (FEW * mean()), 2 * ahead(now, 0));
    }

    private double soon(long now) {
        double soon = Math.floor(calls * faded(now, MEMORY_NANOS) * AHEAD_SECONDS);
        return soon < FEW ? 0 : soon;
    }

    private double mean() {
        return calls == 0 ? 0 : sum / calls;
    }

    private double faded(long now, double memory) {
        return Math.exp(-(now - at) / memory);
    }
}
