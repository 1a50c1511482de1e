package sluice.tenancy;

import java.util.Set;
import sluice.isolation.Holder;
import sluice.metrics.TenantMeters;
import sluice.quota.InFlight;
import sluice.quota.Spendings;
import sluice.quota.TenantQuota;
import sluice.schedule.Share;

/**
 * A tenant in effect: all that the request path needs of it, resolved once rather than per call.
 *
 * @param tenant   its declaration
 * @param quota    the buckets of its limits
 * @param spending what it spends of its budgets and of those of its tags
 * @param inFlight its calls in flight
 * @param accounts the names of the accounts that may serve it
 * @param share    its share of the upstream's quota while others wait too
 * @param meters   where its calls are counted
 */
public record Tenancy(Tenant tenant, TenantQuota quota, Spendings spending, InFlight inFlight, Set<String> accounts,
        Share share,
        TenantMeters meters) {

    /** The same with a new declaration, in which only keys may differ. */
    Tenancy declared(Tenant changed) {
        return new Tenancy(changed, quota, spending, inFlight, accounts, share, meters);
    }

    /** The holder under which it takes shared resources. */
    public Holder holder() {
        return new Holder.Tenant(tenant.name());
    }
}
