package sluice.tenancy;

import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import sluice.time.Time;

/**
 * The tenants in effect, by key digest and by name. It is live: tenants and keys are added and removed in place, with
 * no rebuild. Read on every call, without a lock.
 */
public final class TenantDirectory {

    /** A key, its tenant, and when it expires. */
    private record Credential(Tenancy tenancy, Tenant.Key key) {}

    private final Map<KeyDigest, Credential> byKey = new ConcurrentHashMap<>();
    private final Map<String, Tenancy> byName = new ConcurrentHashMap<>();
    private final Homes homes = new Homes();
    private final Time time;

    TenantDirectory(Time time) {
        this.time = time;
    }

    /** The tenant whose key this is; empty if there is none, or if the key has expired. */
    public Optional<Tenancy> find(KeyDigest digest) {
        Credential credential = byKey.get(digest);
        return credential == null || expired(credential.key()) ? Optional.empty() : Optional.of(credential.tenancy());
    }

    /** The tenant whose key this is or, if it has expired, was. */
    public Optional<Tenancy> owner(KeyDigest digest) {
        return Optional.ofNullable(byKey.get(digest)).map(Credential::tenancy);
    }

    /** The tenant of this name, for a caller identified by other means. */
    public Optional<Tenancy> named(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    /** Whether an account is the home of several tenants. */
    public boolean isShared(String account) {
        return homes.isShared(account);
    }

    /** Whether a tenant is the only one of its account that may access objects stored there. */
    public boolean keepsAlone(Tenant tenant) {
        return homes.keepsAlone(tenant);
    }

    /**
     * Adds these tenants, or replaces those of the same name, keys included. A key that moves from one tenant to
     * another is known throughout.
     */
    public synchronized void put(Collection<Tenancy> tenancies) {
        for (Tenancy tenancy : tenancies) {
            tenancy.tenant().keys().forEach(key -> byKey.put(key.digest(), new Credential(tenancy, key)));
        }
        for (Tenancy tenancy : tenancies) {
            Tenancy before = byName.put(tenancy.tenant().name(), tenancy);
            if (before != null && !before.equals(tenancy)) {
                forget(before);
                homes.remove(before.tenant());
            }
            homes.add(tenancy.tenant());
        }
    }

    /** Removes these tenants. */
    public synchronized void remove(Collection<String> names) {
        for (String name : names) {
            Tenancy gone = byName.remove(name);
            if (gone != null) {
                forget(gone);
                homes.remove(gone.tenant());
            }
        }
    }

    /** Removes every tenant whose name is not among these. */
    public synchronized void retain(Set<String> names) {
        for (Tenancy tenancy : List.copyOf(byName.values())) {
            if (!names.contains(tenancy.tenant().name())) {
                byName.remove(tenancy.tenant().name());
                forget(tenancy);
                homes.remove(tenancy.tenant());
            }
        }
    }

    /** Removes the keys that still lead to this tenancy; replaced ones, and those of another tenant by now, stay. */
    private void forget(Tenancy gone) {
        gone.tenant().keys().forEach(key -> byKey.remove(key.digest(), new Credential(gone, key)));
    }

    private boolean expired(Tenant.Key key) {
        @Nullable
        Instant end = key.notAfter().orElse(null);
        return end != null && !time.now().isBefore(end);
    }
}
