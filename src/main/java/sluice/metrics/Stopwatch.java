package sluice.metrics;

import sluice.time.Time;

/** Where the time of one call goes, in nanoseconds. Several stages measure, each its own part. For one event loop. */
public final class Stopwatch {
    private final Time time;
    private final long startedAt;
    private long waited;
    private long predicted;
    private long upstream;
    private long blocked;
    private long firstByte;

    /** Runs from now on. */
    public Stopwatch(Time time) {
        this.time = time;
        this.startedAt = time.nanos();
    }

    /** When the call came, by the clock's nanoseconds. */
    public long startedAt() {
        return startedAt;
    }

    /** The call has waited for quota, or to be tried again. */
    public void waited(long nanos) {
        waited += nanos;
    }

    /** So long a wait was foreseen for it. */
    public void predicted(long nanos) {
        predicted += nanos;
    }

    /** The upstream has worked on it. */
    public void upstream(long nanos) {
        upstream += nanos;
    }

    /** Its caller has taken nothing. */
    public void blocked(long nanos) {
        blocked += nanos;
    }

    /** Its answer begins now. */
    public void answers() {
        firstByte = sinceStart();
    }

    public long waited() {
        return waited;
    }

    public long blocked() {
        return blocked;
    }

    /** How long ago the call came. */
    public long sinceStart() {
        return time.nanos() - startedAt;
    }

    /** All of it, now that the call is over. */
    public Spent.Times stop() {
        return new Spent.Times(waited, predicted, firstByte, upstream, blocked, sinceStart());
    }
}
