package sluice.managed;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** What is managed, as known to this replica: digests only. Used by one thread at a time. */
final class ManagedDirectory {
    private final Map<String, ManagedTenant> tenants = new HashMap<>();
    private final Map<String, ManagedKey> keys = new HashMap<>();
    private final Map<String, TreeMap<String, ManagedKey>> keysOf = new HashMap<>();
    private long number;

    /** Applies what has changed, and returns the names of the tenants that it concerns. */
    Set<String> apply(Changes changes) {
        Set<String> concerned = new HashSet<>();
        if (changes.whole()) {
            concerned.addAll(tenants.keySet());
            concerned.addAll(keysOf.keySet());
            tenants.clear();
            keys.clear();
            keysOf.clear();
        }
        changes.tenants().forEach(tenant -> {
            tenants.put(tenant.name(), tenant);
            concerned.add(tenant.name());
        });
        changes.gone().forEach(name -> {
            tenants.remove(name);
            concerned.add(name);
        });
        changes.keys().forEach(key -> {
            remove(key.id());
            keys.put(key.id(), key);
            keysOf.computeIfAbsent(key.tenant(), fresh -> new TreeMap<>()).put(key.id(), key);
            concerned.add(key.tenant());
        });
        changes.goneKeys().forEach(id -> remove(id).ifPresent(key -> concerned.add(key.tenant())));
        number = changes.number();
        return concerned;
    }

    private Optional<ManagedKey> remove(String id) {
        Optional<ManagedKey> gone = Optional.ofNullable(keys.remove(id));
        gone.ifPresent(key -> {
            TreeMap<String, ManagedKey> siblings = keysOf.get(key.tenant());
            if (siblings != null) {
                siblings.remove(id);
                if (siblings.isEmpty()) {
                    keysOf.remove(key.tenant());
                }
            }
        });
        return gone;
    }

    /** The number of the last change that it knows of. */
    long number() {
        return number;
    }

    Optional<ManagedTenant> tenant(String name) {
        return Optional.ofNullable(tenants.get(name));
    }

    Collection<ManagedTenant> tenants() {
        return List.copyOf(tenants.values());
    }

    /** The keys of a tenant, declared or managed, in the order of their ids. */
    Collection<ManagedKey> keysOf(String tenant) {
        TreeMap<String, ManagedKey> own = keysOf.get(tenant);
        return own == null ? List.of() : List.copyOf(own.values());
    }

    Set<String> namesWithKeys() {
        return Set.copyOf(keysOf.keySet());
    }

    int size() {
        return tenants.size();
    }

    int keyCount() {
        return keys.size();
    }

    /** All of it, for the disk. */
    Changes all(Map<String, Boolean> revocations) {
        return new Changes(number, true, new ArrayList<>(tenants.values()), List.of(), new ArrayList<>(keys.values()),
                List.of(), revocations);
    }
}
