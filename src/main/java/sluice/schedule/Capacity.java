package sluice.schedule;

/** An upstream account as the scheduler sees it: something that has permits to give, at some rate. Safe to be called from any thread. */
public interface Capacity {

    /** The account's name. */
    String name();

    /** Takes a permit; 0 if taken, else the nanoseconds until it is worth asking again. */
    long take();

    /** Gives back a permit whose call was not sent. */
    void giveBack();

    /** The time from one permit to the next while calls wait, in nanoseconds; at least 1. */
    long intervalNanos();
}
