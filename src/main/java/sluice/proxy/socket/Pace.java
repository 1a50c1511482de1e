package sluice.proxy.socket;

import java.util.concurrent.TimeUnit;
import sluice.time.Time;

/** Limits a caller's message rate: so many per second, of which a second's worth may arrive at once. */
final class Pace {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long interval;
    private final Time time;
    /** When all counted messages would have arrived, one after another at the permitted rate. */
    private long due;

    Pace(int perSecond, Time time) {
        this.interval = SECOND / perSecond;
        this.time = time;
        this.due = time.nanos();
    }

    /** Counts a message; returns in how many nanoseconds the next may arrive. */
    long heard() {
        long now = time.nanos();
        due = Math.max(due, now) + interval;
        return Math.max(0, due + interval - SECOND - now);
    }
}
