package sluice.metrics;

/**
 * Where a call comes from and where it goes.
 *
 * @param id        the gateway's own id of the call
 * @param method    as sent
 * @param endpoint  the label of its route; {@code none} where there is no such route
 * @param client    the address it came from
 * @param startedAt by the clock's nanoseconds
 */
public record Origin(String id, String method, String endpoint, String client, long startedAt) {}
