package sluice.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Waits for what other threads will soon have done, and fails when it does not come. */
public final class Await {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(1);

    private Await() {}

    /** Looks every millisecond; says what was missing if it does not come. */
    public static void until(String what, BooleanSupplier condition) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - began > PATIENCE.toNanos()) {
                throw new AssertionError("not within " + PATIENCE + ": " + what);
            }
            LockSupport.parkNanos(LOOK.toNanos());
        }
    }

    /** {@link #until}, for a number. */
    public static void until(String what, LongSupplier number, long expected) {
        until(what + " = " + expected, () -> number.getAsLong() == expected);
    }
}
