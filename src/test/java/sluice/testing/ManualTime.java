package sluice.testing;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import sluice.time.Time;

/** A clock that moves only when told. */
public final class ManualTime {
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicLong nanos = new AtomicLong();

    public void advance(Duration duration) {
        nanos.addAndGet(duration.toNanos());
    }

    public Time time() {
        return new Time(nanos::get, () -> START.plusNanos(nanos.get()));
    }
}
