package sluice.identity;

import java.time.Instant;

/**
 * A caller known by a token or a client certificate.
 *
 * @param issuer  who says so; {@link Subjects#CERTIFICATE} for a certificate
 * @param subject who it is
 * @param tenant  the tenant it belongs to
 * @param id      of this subject of this issuer, in the form of a key's id; it can be revoked like one
 * @param until   how long the token or certificate is valid
 */
public record Identity(String issuer, String subject, String tenant, String id, Instant until) {}
