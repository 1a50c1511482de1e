package sluice.proxy;

import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.tenant.KeyDigest;
import sluice.tenant.Tenant;
import sluice.time.Time;

/** All tenants by the digests of their keys: an immutable snapshot. */
public final class Tenancies {

    /** A key, whose it is, and until when. */
    private record Credential(Tenancy tenancy, Tenant.Key key) {}

    private final Map<KeyDigest, Credential> byKey = new HashMap<>();
    private final Time time;

    /** Of tenants whose keys are all different. */
    public Tenancies(Collection<Tenancy> tenancies, Time time) {
        this.time = time;
        for (Tenancy tenancy : tenancies) {
            for (Tenant.Key key : tenancy.tenant().keys()) {
                byKey.put(key.digest(), new Credential(tenancy, key));
            }
        }
    }

    /** Whose key it is; empty if nobody's, or if it has expired. */
    public Optional<Tenancy> find(KeyDigest digest) {
        Credential credential = byKey.get(digest);
        return credential == null || expired(credential.key()) ? Optional.empty() : Optional.of(credential.tenancy());
    }

    private boolean expired(Tenant.Key key) {
        @Nullable
        Instant end = key.notAfter().orElse(null);
        return end != null && !time.now().isBefore(end);
    }
}
