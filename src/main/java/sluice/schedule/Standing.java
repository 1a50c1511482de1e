package sluice.schedule;

import java.time.Duration;

/**
 * How a tenant stands among those who wait.
 *
 * @param weight  its part of the upstream's quota while others wait too, above 0
 * @param maxWait the longest that one of its calls waits
 * @param lane    of its calls that do not say
 */
public record Standing(double weight, Duration maxWait, Lane lane) {}
