package sluice.calls;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import sluice.metrics.Spent;

/** The calls that ended within one minute, all together and by tenant. */
final class RecentMinute {
    /** Further tenants are counted in the total only. */
    private static final int MOST_TENANTS = 2_000;

    private final long number;
    private final EndedCalls all = new EndedCalls();
    private final Map<String, EndedCalls> byTenant = new ConcurrentHashMap<>();

    /** @param number minutes since 1970 */
    RecentMinute(long number) {
        this.number = number;
    }

    long number() {
        return number;
    }

    void add(Spent spent) {
        all.add(spent, number);
        String tenant = spent.facts().tenant();
        EndedCalls known = byTenant.get(tenant);
        if (known == null && byTenant.size() < MOST_TENANTS) {
            known = byTenant.computeIfAbsent(tenant, first -> new EndedCalls());
        }
        if (known != null) {
            known.add(spent, number);
        }
    }

    EndedCalls all() {
        return all;
    }

    EndedCalls of(String tenant) {
        return byTenant.getOrDefault(tenant, new EndedCalls());
    }

    /** @param only the tenant to add; empty for all */
    void addTo(Map<String, EndedCalls> sums, Optional<String> only) {
        byTenant.forEach((tenant, calls) -> {
            if (only.isEmpty() || only.get().equals(tenant)) {
                sums.computeIfAbsent(tenant, first -> new EndedCalls()).add(calls);
            }
        });
    }
}
