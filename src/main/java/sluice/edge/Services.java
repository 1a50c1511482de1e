package sluice.edge;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import sluice.account.LiveAccount;
import sluice.cache.AnswerCache;
import sluice.isolation.Bulkhead;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Tracing;
import sluice.net.Drain;
import sluice.schedule.Scheduler;
import sluice.tenancy.Revocations;
import sluice.tenancy.TenantDirectory;
import sluice.time.Time;
import sluice.upstream.Account;
import sluice.upstream.RetryBudget;
import sluice.upstream.UpstreamClient;

/**
 * What all event loops of a gateway share, from one reading of its configuration to the next.
 *
 * @param tenancies   the tenants as they are now
 * @param revocations keys that are refused all the same
 * @param capacities  the accounts as the scheduler grants from them, by name
 * @param attempts    of one call, the first included
 * @param retries     what the calls of each tenant may try again
 * @param leastWait   that every call is allowed: what a message to a shared store takes
 * @param places      what all tenants share of the way upstream
 * @param bodies      the memory of request bodies, in bytes
 * @param recordings  the memory of answers that are recorded for the cache, in bytes
 * @param connections of clients that are open, over all event loops
 */
public record Services(Listener.Settings listen, UpstreamClient.Settings upstream, List<Account> accounts,
        TenantDirectory tenancies, Revocations revocations, Scheduler scheduler,
        Map<String, LiveAccount> capacities, int attempts, RetryBudget retries, AnswerCache cache,
        UpstreamClient.Places places, Bulkhead bodies, Bulkhead recordings, Bulkhead connections, Drain drain,
        Duration leastWait,
        GatewayMeters meters, Tracing tracing, Time time) {}
