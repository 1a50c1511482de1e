package sluice.testing;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/** Waits for what other threads will soon have done, and fails when it does not come. */
public final class Await {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(1);
    /** Several JVMs that start at once on few busy cores take long, and longer if they are asked all the time. */
    private static final Duration PATIENCE_FOR_STARTS = Duration.ofMinutes(2);
    private static final Duration LOOK_AT_STARTS = Duration.ofMillis(50);

    private Await() {}

    /** Looks every millisecond; says what was missing if it does not come. */
    public static void until(String what, BooleanSupplier condition) {
        until(what, condition, PATIENCE, LOOK);
    }

    /** {@link #until}, for a process that starts. */
    public static void started(String what, BooleanSupplier condition) {
        until(what, condition, PATIENCE_FOR_STARTS, LOOK_AT_STARTS);
    }

    private static void until(String what, BooleanSupplier condition, Duration patience, Duration look) {
        long began = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - began > patience.toNanos()) {
                throw new AssertionError("not within " + patience + ": " + what);
            }
            LockSupport.parkNanos(look.toNanos());
        }
    }

    /** {@link #until}, for a number. */
    public static void until(String what, LongSupplier number, long expected) {
        until(what + " = " + expected, () -> number.getAsLong() == expected);
    }
}
