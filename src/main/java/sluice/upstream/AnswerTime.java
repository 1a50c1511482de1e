package sluice.upstream;

import java.time.Duration;

/**
 * How long an account takes to begin its answers: a moving average that fades, so that an account that was slow once is
 * tried again. Immutable.
 *
 * @param nanos the average; 0 if unknown
 * @param at    when it was last updated
 */
public record AnswerTime(double nanos, long at) {
    /** Nothing is known yet. */
    public static final AnswerTime UNKNOWN = new AnswerTime(0, 0);

    /** The weight of one answer. */
    private static final double WEIGHT = 1 / 8.0;

    private static final double HALF_LIFE_NANOS = Duration.ofMinutes(1).toNanos();

    /** An answer began after this long. */
    public AnswerTime learned(long took, long now) {
        return new AnswerTime(nanos == 0 ? took : nanos + WEIGHT * (took - nanos), now);
    }

    /** The expected time now, in nanoseconds; 0 if unknown. */
    public double expectedNanos(long now) {
        return nanos * Math.pow(0.5, (now - at) / HALF_LIFE_NANOS);
    }
}
