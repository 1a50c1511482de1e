package sluice.cluster;

/** What is taken in a second, and how much of it is to be at hand. Not safe for several threads. */
final class Demand {
    /** Over which the rate is averaged, so that a slice grows and shrinks with it at once. */
    private static final double MEMORY_NANOS = 1e9;
    /** For how much of a second a slice is to last. */
    private static final double AHEAD_SECONDS = 0.5;
    /** Slow calls are counted for longer, and are worth a slice of so many. */
    private static final double LONG_MEMORY_NANOS = 4e9;
    private static final double FEW = 5;
    /**
     * So many within the long memory are worth it: what fewer leave unused goes back, by a message. Chosen by simulation
     * of calls that come at random: each costs one message at one in ten seconds, and about half of one at one a second.
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

    /** What the next calls want at hand, while so many wait that are not counted yet. */
    long ahead(long now, int waiting) {
        double few = regular * faded(now, LONG_MEMORY_NANOS) + waiting < REGULAR ? 0 : FEW;
        return (long) (Math.max(few, soon(now)) * mean());
    }

    /** So much of it that it is fetched before anybody has to wait for it; 0 where calls are slow. */
    long pressing(long now) {
        return (long) (soon(now) * mean());
    }

    /** More than this at hand is too much. */
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
