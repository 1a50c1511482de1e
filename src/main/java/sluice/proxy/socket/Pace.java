package sluice.proxy.socket;

import java.util.concurrent.TimeUnit;
import sluice.time.Time;

/** How often a caller is heard: so many times a second, of which a second's worth may come at once. */
final class Pace {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final long interval;
    private final Time time;
    /** The moment at which all that was heard would have come, one after the other. */
    private long due;

    Pace(int perSecond, Time time) {
        this.interval = SECOND / perSecond;
        this.time = time;
        this.due = time.nanos();
    }

    /** Something was heard; tells in how many nanoseconds the next may be. */
    long heard() {
        long now = time.nanos();
        due = Math.max(due, now) + interval;
        return Math.max(0, due + interval - SECOND - now);
    }
}
