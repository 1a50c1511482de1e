package sluice.identity;

import java.time.Instant;

/**
 * The keys of an issuer could not be read.
 *
 * @param since when that was first so
 * @param told  what the log says of it
 */
public record Unread(Instant since, String told) {}
