package sluice.managed;

/**
 * Who makes a change, and from where.
 *
 * @param who     the name of the token
 * @param role    as the configuration writes it
 * @param address of the caller
 */
public record By(String who, String role, String address) {}
