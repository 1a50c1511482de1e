package sluice.upstream;

import java.time.Duration;

/**
 * How long an account takes to begin its answers: a moving average, which fades so that one that has once been slow is
 * tried again. Immutable.
 *
 * @param nanos the average; 0 if nothing is known
 * @param at    when it was last learned from
 */
public record AnswerTime(double nanos, long at) {
    /** Nothing is known. */
    public static final AnswerTime UNKNOWN = new AnswerTime(0, 0);

    /** What one answer weighs. */
    private static final double WEIGHT = 1 / 8.0;

    private static final double HALF_LIFE_NANOS = Duration.ofMinutes(1).toNanos();

    /** An answer has begun after so long. */
    public AnswerTime learned(long took, long now) {
        return new AnswerTime(nanos == 0 ? took : nanos + WEIGHT * (took - nanos), now);
    }

    /** What is to be expected now, in nanoseconds; 0 if nothing is known. */
    public double expectedNanos(long now) {
        return nanos * Math.pow(0.5, (now - at) / HALF_LIFE_NANOS);
    }
}
