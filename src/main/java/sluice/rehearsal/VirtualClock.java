package sluice.rehearsal;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import sluice.time.Time;

/** A clock that stands still until it is set, and never runs backwards. */
final class VirtualClock {
    private long micros;

    /** @param micros since 1970 */
    VirtualClock(long micros) {
        this.micros = micros;
    }

    void advanceTo(long later) {
        micros = Math.max(micros, later);
    }

    long micros() {
        return micros;
    }

    Time time() {
        return new Time(() -> TimeUnit.MICROSECONDS.toNanos(micros),
                () -> Instant.EPOCH.plus(micros, ChronoUnit.MICROS));
    }
}
