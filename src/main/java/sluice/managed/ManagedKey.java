package sluice.managed;

import java.time.Instant;
import java.util.Optional;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.Tenant;

/**
 * A key that the admin API has issued, of which only the digest is kept.
 *
 * @param tenant     whose key it is, declared or managed
 * @param label      for people
 * @param createdBy  the name of the token that has issued it
 * @param notAfter   the moment from which it is refused, if any
 * @param replacedBy the id of the key that it was rotated into, if it was
 */
public record ManagedKey(KeyDigest digest, String tenant, String label, String createdBy, Instant created,
        Optional<Instant> notAfter, Optional<String> replacedBy) {

    /** Its name in logs, metrics and the admin API. */
    public String id() {
        return digest.id();
    }

    /** The same, with another end. */
    public ManagedKey ending(Optional<Instant> changed) {
        return new ManagedKey(digest, tenant, label, createdBy, created, changed, replacedBy);
    }

    /** The same, rotated into another. */
    ManagedKey replacedBy(String other) {
        return new ManagedKey(digest, tenant, label, createdBy, created, notAfter, Optional.of(other));
    }

    /** The same, with another label. */
    public ManagedKey labelled(String changed) {
        return new ManagedKey(digest, tenant, changed, createdBy, created, notAfter, replacedBy);
    }

    /** As its tenant holds it. */
    Tenant.Key asKey() {
        return new Tenant.Key(digest, notAfter);
    }
}
