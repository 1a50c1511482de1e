package sluice.schedule;

import java.time.Duration;

/** Grants permits of upstream accounts to waiting calls. */
public final class Scheduler {
    private Scheduler() {}

    /**
     * The bounds of waiting.
     *
     * @param maxWait    the longest that one call waits for a permit; zero: never
     * @param maxWaiting the most calls that wait at once
     */
    public record Settings(Duration maxWait, int maxWaiting) {}
}
