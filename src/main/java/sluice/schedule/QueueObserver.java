package sluice.schedule;

/** Notified of every call that had to wait. */
@FunctionalInterface
public interface QueueObserver {

    /** A call stopped waiting, granted or not, after this many nanoseconds. */
    void waited(long nanos);
}
