package sluice.config;

import java.util.List;
import sluice.admin.AdminServer;
import sluice.cache.AnswerCache;
import sluice.metrics.GatewayMeters;
import sluice.proxy.Drain;
import sluice.proxy.Listener;
import sluice.quota.AccountLimits;
import sluice.quota.Limits;
import sluice.schedule.Scheduler;
import sluice.tenant.Tenant;
import sluice.upstream.Account;
import sluice.upstream.UpstreamClient;

/**
 * The whole configuration, checked. Plans are resolved into the tenants that use them.
 *
 * @param accounts never empty, in the order of the file
 * @param plans    the built-in ones and those of the file, used or not
 * @param tenants  in the order of the file
 * @param warnings what works but should not stay, for the log at start
 */
public record GatewayConfig(Listener.Settings listen, AdminServer.Settings admin, UpstreamClient.Settings upstream,
        List<AccountEntry> accounts, List<PlanEntry> plans, List<TenantEntry> tenants, AnswerCache.Settings cache,
        Scheduler.Settings queue, Drain.Settings drain, GatewayMeters.Settings metrics, List<String> warnings) {

    /** An account with its limits. */
    public record AccountEntry(Account account, AccountLimits limits) {}

    /** A plan: what its tenants get unless they say otherwise. */
    public record PlanEntry(String name, Limits limits, AnswerCache.Mode cache) {}

    /** A tenant with the way its calls are cached. */
    public record TenantEntry(Tenant tenant, AnswerCache.Mode cache) {}

    public GatewayConfig {
        accounts = List.copyOf(accounts);
        plans = List.copyOf(plans);
        tenants = List.copyOf(tenants);
        warnings = List.copyOf(warnings);
    }
}
