package sluice.metrics;

import sluice.time.Time;

/** Measures where one call's time goes, in nanoseconds. Each stage adds its own part. For use on one event loop. */
public final class Stopwatch {
    private final Time time;
    private final long startedAt;
    private long waited;
    private long predicted;
    private long upstream;
    private long blocked;
    private long firstByte;

    /** Starts running. */
    public Stopwatch(Time time) {
        this.time = time;
        this.startedAt = time.nanos();
    }

    /** When the call arrived, on the nanosecond clock. */
    public long startedAt() {
        return startedAt;
    }

    /** The call has waited for quota or for a retry. */
    public void waited(long nanos) {
        waited += nanos;
    }

    /** A wait of this length was predicted for it. */
    public void predicted(long nanos) {
        predicted += nanos;
    }

    /** The upstream has worked on it. */
    public void upstream(long nanos) {
        upstream += nanos;
    }

    /** Its caller was not reading. */
    public void blocked(long nanos) {
        blocked += nanos;
    }

    /** Its answer starts now. */
    public void answers() {
        firstByte = sinceStart();
    }

    public long waited() {
        return waited;
    }

    public long blocked() {
        return blocked;
    }

    /** How long ago the call arrived. */
    public long sinceStart() {
        return time.nanos() - startedAt;
    }

    /** All times, now that the call is over. */
    public Spent.Times stop() {
        return new Spent.Times(waited, predicted, firstByte, upstream, blocked, sinceStart());
    }
}
