package sluice.time;

import java.time.Instant;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/**
 * The clock passed to everything that needs the time. Durations are differences of {@link #nanos()}; only dates come
 * from {@link #now()}.
 *
 * @param nanoTime a monotonic count of nanoseconds from an arbitrary origin
 * @param wall     the date and time of day
 */
public record Time(LongSupplier nanoTime, InstantSource wall) {

    /** The machine's own clocks. */
    public static Time system() {
        return new Time(System::nanoTime, InstantSource.system());
    }

    /** Nanoseconds from an arbitrary origin; never runs backwards. */
    public long nanos() {
        return nanoTime.getAsLong();
    }

    /** The date and time of day. */
    public Instant now() {
        return wall.instant();
    }
}
