package sluice.schedule;

import java.time.Duration;

/**
 * How a tenant's calls wait.
 *
 * @param weight  its weight in sharing the upstream's quota, above 0
 * @param maxWait the longest that one of its calls waits
 * @param lane    of calls that do not name one
 */
public record Standing(double weight, Duration maxWait, Lane lane) {}
