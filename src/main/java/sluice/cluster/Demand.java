package sluice.cluster;

/** What is taken in a second, averaged over the last one, and how much of it is to be at hand. Not safe for several threads. */
final class Demand {
    private static final double MEMORY_NANOS = 1e9;
    /** For how much of a second a slice is to last. */
    private static final double AHEAD_SECONDS = 0.5;
    /** A few calls are worth a slice also where they come slowly. */
    private static final long FEW = 4;
    private static final double FEW_SECONDS = 1.2;
    /** Fewer than these are not: what goes back unused costs a message. */
    private static final long TOO_FEW = 3;

    private double calls;
    private double sum;
    private long at;

    void count(long amount, long now) {
        double faded = faded(now);
        calls = calls * faded + 1;
        sum = sum * faded + amount;
        at = now;
    }

    /** What the next calls want at hand. */
    long ahead(long now) {
        double perSecond = calls * faded(now);
        long wanted = (long) Math.max(perSecond * AHEAD_SECONDS, Math.min(FEW, perSecond * FEW_SECONDS));
        return wanted < TOO_FEW ? 0 : (long) (wanted * mean());
    }

    /** More than this at hand is too much. */
    long enough(long now) {
        return Math.max((long) (FEW * mean()), 2 * ahead(now));
    }

    private double mean() {
        return calls == 0 ? 0 : sum / calls;
    }

    private double faded(long now) {
        return Math.exp(-(now - at) / MEMORY_NANOS);
    }
}
