package sluice.managed;

import java.time.Instant;

/**
 * A tenant that the admin API has made.
 *
 * @param settings in the keys of the configuration, as JSON
 * @param changed  when it was last changed
 */
public record ManagedTenant(String name, String settings, Instant created, Instant changed) {}
