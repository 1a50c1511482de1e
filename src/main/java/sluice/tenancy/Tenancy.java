package sluice.tenancy;

import java.util.Set;
import sluice.isolation.Holder;
import sluice.metrics.TenantMeters;
import sluice.quota.InFlight;
import sluice.quota.TenantQuota;
import sluice.schedule.Share;

/**
 * A tenant as it is in force: all that the path needs of it, resolved once and not per call.
 *
 * @param tenant   what is declared of it
 * @param quota    the buckets of its limits
 * @param inFlight its calls under way
 * @param accounts the names of the accounts that may serve it
 * @param share    its part of the upstream's quota while others wait too
 * @param meters   where its calls are counted
 */
public record Tenancy(Tenant tenant, TenantQuota quota, InFlight inFlight, Set<String> accounts, Share share,
        TenantMeters meters) {

    /** The same, declared otherwise; only keys may differ. */
    Tenancy declared(Tenant changed) {
        return new Tenancy(changed, quota, inFlight, accounts, share, meters);
    }

    /** As who it holds what all tenants share. */
    public Holder holder() {
        return new Holder.Tenant(tenant.name());
    }
}
