package sluice.identity;

import java.time.Instant;

/**
 * A caller known by a token.
 *
 * @param issuer  who says so
 * @param subject who it is
 * @param tenant  the tenant it belongs to
 * @param id      of this subject of this issuer, in the form of a key's id; it can be revoked like one
 * @param until   how long the token is valid
 */
public record Identity(String issuer, String subject, String tenant, String id, Instant until) {}
