package sluice.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import sluice.time.Time;

/** A clock that moves only when a test advances it. */
public final class ManualTime {
    /** The date and time of day at first. */
    public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong nanos = new AtomicLong(123_456_789);
    private final long origin = nanos.get();

    public void advance(Duration duration) {
        advanceNanos(duration.toNanos());
    }

    public void advanceNanos(long more) {
        nanos.addAndGet(more);
    }

    public long nanos() {
        return nanos.get();
    }

    /** Nanoseconds since it was made. */
    public long elapsed() {
        return nanos.get() - origin;
    }

    public Time time() {
        return new Time(nanos::get, () -> START.plusNanos(elapsed()));
    }
}
