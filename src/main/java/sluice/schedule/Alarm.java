package sluice.schedule;

/** Wakes the scheduler up. What it then does depends on its clock alone, so a late or early alarm does no harm. */
@FunctionalInterface
public interface Alarm {

    /** Runs the task once, after about so many nanoseconds. */
    void after(long nanos, Runnable task);
}
