package sluice.identity;

/**
 * Which tenant a client certificate belongs to.
 *
 * @param san that one of its subject alternative names must match
 */
public record CertificateRule(NamePattern san, String tenant) {}
