package sluice.tenancy;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import sluice.openai.EndpointClass;

/** Which tenants store what they store on the same account, by the account's name. Read without a lock. */
final class Homes {
    private final Map<String, Set<String>> residents = new ConcurrentHashMap<>();
    private final Map<String, Set<String>> keepers = new ConcurrentHashMap<>();

    void add(Tenant tenant) {
        names(residents, tenant).add(tenant.name());
        if (keeps(tenant)) {
            names(keepers, tenant).add(tenant.name());
        }
    }

    void remove(Tenant tenant) {
        names(residents, tenant).remove(tenant.name());
        names(keepers, tenant).remove(tenant.name());
    }

    /** Whether an account is the home of several tenants. */
    boolean isShared(String account) {
        return residents.getOrDefault(account, Set.of()).size() > 1;
    }

    /** Whether a tenant, and no other of its account, may look at what is stored there. */
    boolean keepsAlone(Tenant tenant) {
        return keeps(tenant) && keepers.getOrDefault(tenant.home(), Set.of()).size() == 1;
    }

    private static boolean keeps(Tenant tenant) {
        return tenant.endpoints().stream().anyMatch(EndpointClass::hasOwners);
    }

    private static Set<String> names(Map<String, Set<String>> of, Tenant tenant) {
        return of.computeIfAbsent(tenant.home(), fresh -> ConcurrentHashMap.newKeySet());
    }
}
