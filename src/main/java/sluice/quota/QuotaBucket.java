package sluice.quota;

import io.vertx.core.Future;

/**
 * The bucket of one limit, wherever it lives. If that is in this process, every future is complete when returned, so
 * that nothing waits and nothing is scheduled; a bucket shared by replicas answers later.
 */
public interface QuotaBucket {

    /**
     * Takes an amount if the bucket holds all of it.
     *
     * @param amount at least 0
     */
    Future<Probe> take(long amount);

    /** Gives back what was taken but not used; never lifts the bucket above its capacity. */
    void giveBack(long amount);

    /**
     * Settles what was taken against what was used: gives the rest back, or takes the excess even if the bucket lacks
     * it and has to refill first.
     */
    void settle(long taken, long used);

    /** Whether an amount is more than the bucket can ever hold. */
    boolean exceeds(long amount);

    /** Switches to another amount of the same kind; the level stays, as far as it fits. */
    void change(Limit limit);

    /** The current level, without taking anything. */
    Level level();

    /**
     * The outcome of an attempt to take.
     *
     * @param taken     whether all of it was taken; if not, nothing was
     * @param waitNanos until the same attempt could succeed if nobody else took anything; 0 if taken
     */
    record Probe(boolean taken, long waitNanos) {
        /** All of it was taken. */
        public static final Probe TAKEN = new Probe(true, 0);
    }

    /**
     * The level of a bucket.
     *
     * @param limit      its capacity
     * @param remaining  what could be taken now; at least 0. Of a budget, what was spent, below 0
     * @param owed       what must refill before anything can be taken; at least 0
     * @param resetNanos until it is full again
     */
    record Level(long limit, long remaining, long owed, long resetNanos) {

        /** Of a bucket that owes nothing. */
        public Level(long limit, long remaining, long resetNanos) {
            this(limit, remaining, 0, resetNanos);
        }
    }
}
