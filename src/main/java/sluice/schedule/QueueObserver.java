package sluice.schedule;

/** Told of every call that had to wait. */
@FunctionalInterface
public interface QueueObserver {

    /** A call has stopped waiting, granted or not, after so many nanoseconds. */
    void waited(long nanos);
}
