package sluice.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import sluice.time.Time;

/** A clock that moves only when told. */
final class ManualTime {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong nanos = new AtomicLong(123_456_789);
    private final long origin = nanos.get();

    void advance(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    long nanos() {
        return nanos.get();
    }

    Time time() {
        return new Time(nanos::get, () -> START.plusNanos(nanos.get() - origin));
    }
}
