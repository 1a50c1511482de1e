package sluice.proxy;

import java.util.Set;
import sluice.cache.AnswerCache;
import sluice.isolation.Holder;
import sluice.metrics.TenantMeters;
import sluice.quota.InFlight;
import sluice.quota.TenantQuota;
import sluice.schedule.Share;
import sluice.schedule.Standing;
import sluice.tenant.Tenant;

/**
 * A tenant with all that the path needs of it, resolved once and not per call.
 *
 * @param tenant   who it is and what it may do
 * @param quota    the buckets of its limits
 * @param inFlight its calls under way
 * @param caching  which of its calls may be answered from memory
 * @param accounts the names of the accounts that may serve it
 * @param share    its part of the upstream's quota while others wait too
 * @param standing how its calls wait for it
 * @param meters   where its calls are counted
 */
public record Tenancy(Tenant tenant, TenantQuota quota, InFlight inFlight, AnswerCache.Mode caching,
        Set<String> accounts, Share share, Standing standing, TenantMeters meters) {

    /** As who it holds what all tenants share. */
    Holder holder() {
        return new Holder.Tenant(tenant.name());
    }
}
