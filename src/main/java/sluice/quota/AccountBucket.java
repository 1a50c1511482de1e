package sluice.quota;

/**
 * One bucket of an account, used under the scheduler's lock: it answers at once, wherever its state lives. Takers
 * must have checked first and be the only one to take.
 */
public interface AccountBucket {

    /** Creates the bucket of an account's limit, given its name within the account. */
    @FunctionalInterface
    interface Maker {
        AccountBucket make(String name, Limit limit, AccountLimits of);
    }

    /** Nanoseconds until an amount could be taken, 0 if now; takes nothing. The amount is at most the capacity. */
    long waitNanos(long amount);

    /** Takes an amount just found available. */
    void spend(long amount);

    /** Gives back an amount, counting what others have taken and not yet used as still in the bucket. */
    void giveBack(long amount, long heldByOthers);

    /** Settles what was taken against what was used. */
    void settle(long taken, long used);

    /** Whether an amount is more than the bucket can ever hold. */
    boolean exceeds(long amount);

    /** Switches to another limit of the same name; the level stays, as far as it fits. */
    void change(String name, Limit limit, AccountLimits of);

    /** What it holds when full. */
    long capacity();

    /** The current level. */
    QuotaBucket.Level level();

    /** The time in which one token refills, in nanoseconds. */
    long intervalNanos();
}
