package sluice.managed;

import java.time.Instant;
import java.util.Optional;
import sluice.tenancy.KeyDigest;

/**
 * A key in effect here, whoever made it.
 *
 * @param managed what is known of it if the admin API has issued it; empty if the configuration declares it
 */
public record KnownKey(KeyDigest digest, String tenant, Optional<Instant> notAfter, Optional<ManagedKey> managed) {

    public String id() {
        return digest.id();
    }

    /** Whether it has expired by then. */
    public boolean ended(Instant now) {
        return notAfter.isPresent() && !now.isBefore(notAfter.get());
    }
}
