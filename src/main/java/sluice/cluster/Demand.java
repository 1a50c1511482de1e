package sluice.cluster;

/** How much is taken in a second, averaged over the last one. Not safe for several threads. */
final class Demand {
    private static final double MEMORY_NANOS = 1e9;

    private double sum;
    private long at;

    void count(long amount, long now) {
        sum = sum(now) + amount;
        at = now;
    }

    /** What so many nanoseconds will want. */
    double within(long nanos, long now) {
        return sum(now) * nanos / MEMORY_NANOS;
    }

    private double sum(long now) {
        return sum * Math.exp(-(now - at) / MEMORY_NANOS);
    }
}
