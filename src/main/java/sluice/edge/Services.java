package sluice.edge;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import sluice.account.LiveAccount;
import sluice.cache.AnswerCache;
import sluice.cache.AnsweredCalls;
import sluice.cache.Flights;
import sluice.cache.Tiers;
import sluice.calls.UsageReports;
import sluice.explain.Explainer;
import sluice.identity.Identities;
import sluice.isolation.Bulkhead;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Recorder;
import sluice.metrics.Tracing;
import sluice.net.ClientTrust;
import sluice.net.Drain;
import sluice.proxy.Purse;
import sluice.proxy.owned.Ownership;
import sluice.quota.AnswerLengths;
import sluice.schedule.Scheduler;
import sluice.tenancy.Revocations;
import sluice.tenancy.TenantDirectory;
import sluice.time.Time;
import sluice.upstream.Account;
import sluice.upstream.RetryBudget;
import sluice.upstream.UpstreamClient;

/**
 * What all event loops of a gateway share, from one configuration to the next.
 *
 * @param tenancies   the tenants in effect
 * @param identities  callers known by tokens and certificates
 * @param revocations keys that are refused although they are configured
 * @param capacities  the accounts that the scheduler grants from, by name
 * @param attempts    per call, the first included
 * @param retries     how much the calls of each tenant may retry
 * @param leastWait   allowed for every call: what a message to a shared store takes
 * @param flights     the calls in flight that others may join
 * @param answered    calls that may be repeated
 * @param tiers       where replicas share answers
 * @param continued   calls that continue without their callers
 * @param places      what all tenants share on the way upstream
 * @param bodies      memory for request bodies, in bytes
 * @param recordings  memory for answers recorded for the cache, in bytes
 * @param connections open client connections, over all event loops
 * @param trust       judges client certificates
 * @param recorder    of what is over
 * @param lengths     of answers, as learned
 * @param purse       reserves from tenants' budgets
 * @param usage       reports to tenants what they have used
 * @param explainer   says what would happen to a call
 * @param ownership   which stored objects a call may touch
 */
public record Services(Listener.Settings listen, UpstreamClient.Settings upstream, List<Account> accounts,
        TenantDirectory tenancies, Identities identities, Revocations revocations, Scheduler scheduler,
        Map<String, LiveAccount> capacities, int attempts, RetryBudget retries, AnswerCache cache,
        AnsweredCalls answered, Flights flights, Tiers tiers,
        UpstreamClient.Places places, Bulkhead bodies, Bulkhead recordings, Bulkhead connections, Bulkhead continued,
        ClientTrust trust,
        Drain drain,
        Duration leastWait,
        GatewayMeters meters, Recorder recorder, AnswerLengths lengths, Purse purse, Tracing tracing,
        UsageReports usage, Explainer explainer, Ownership ownership, Time time) {}
