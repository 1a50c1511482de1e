package sluice.schedule;

/** Wakes the scheduler. What it then does depends on its own clock alone, so a late or early alarm does no harm. */
@FunctionalInterface
public interface Alarm {

    /** Runs the task once, after roughly this many nanoseconds. */
    void after(long nanos, Runnable task);
}
