package sluice.quota;

import io.vertx.core.Future;

/**
 * One bucket of one limit, wherever it lives. Where it is in this process every future is complete when it is returned,
 * so that nothing waits and nothing is scheduled; a bucket that is shared by replicas answers later.
 */
public interface QuotaBucket {

    /**
     * Takes an amount, if the bucket holds all of it.
     *
     * @param amount at least 0
     */
    Future<Probe> take(long amount);

    /** Gives back what was taken and not used; never lifts the bucket over its capacity. */
    void giveBack(long amount);

    /**
     * Settles what was taken with what was used: gives the rest back, or takes the excess even where the bucket does not
     * hold it, so that it then waits for its refill.
     */
    void settle(long taken, long used);

    /** Whether an amount is more than the bucket can ever hold. */
    boolean exceeds(long amount);

    /** From now on it holds another amount of the same kind: what is in it stays, as far as there is room. */
    void change(Limit limit);

    /** Where the bucket stands, without taking anything. */
    Level level();

    /**
     * What became of an attempt to take.
     *
     * @param taken     whether all of it was taken; if not, nothing was
     * @param waitNanos until the same attempt could succeed if nobody else took anything; 0 if taken
     */
    record Probe(boolean taken, long waitNanos) {
        /** All of it was. */
        public static final Probe TAKEN = new Probe(true, 0);
    }

    /**
     * Where a bucket stands.
     *
     * @param limit      its capacity
     * @param remaining  what could be taken now; at least 0
     * @param resetNanos until it is full again
     */
    record Level(long limit, long remaining, long resetNanos) {}
}
