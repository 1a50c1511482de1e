package sluice.quota;

/**
 * One bucket of an account, as the scheduler's lock sees it: it answers at once, wherever its truth lives. Whoever takes
 * must have asked first and be alone in taking.
 */
public interface AccountBucket {

    /** Makes the bucket of an account's limit, given its name within the account. */
    @FunctionalInterface
    interface Maker {
        AccountBucket make(String name, Limit limit, AccountLimits of);
    }

    /** Until an amount could be taken, 0 if now; takes nothing. The amount is at most the capacity. */
    long waitNanos(long amount);

    /** Takes what has just been found to be there. */
    void spend(long amount);

    /** Gives back an amount, as if the bucket also held what others have taken and not yet used. */
    void giveBack(long amount, long heldByOthers);

    /** Settles what was taken with what was used. */
    void settle(long taken, long used);

    /** Whether an amount is more than the bucket can ever hold. */
    boolean exceeds(long amount);

    /** From now on it holds another limit of its name: what is in it stays, as far as there is room. */
    void change(String name, Limit limit, AccountLimits of);

    /** What it holds when full. */
    long capacity();

    /** Where it stands. */
    QuotaBucket.Level level();

    /** The time in which one token comes back, in nanoseconds. */
    long intervalNanos();
}
