package sluice.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.cache.AnswerCache;
import sluice.cluster.RedisSettings;
import sluice.edge.Listener;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Tracing;
import sluice.net.Drain;
import sluice.quota.Limit;
import sluice.quota.Limits;
import sluice.schedule.Scheduler;
import sluice.schedule.Standing;
import sluice.tenancy.Tenant;
import sluice.upstream.AccountHealth;
import sluice.upstream.UpstreamClient;

/**
 * The whole configuration, checked. Plans are resolved into the tenants that use them.
 *
 * @param accounts never empty, in the order of the file
 * @param traces   where calls are traced to; empty where they are not
 * @param redis    where replicas keep what they share; empty where this process serves alone
 * @param ledger   the SQLite file of what must outlive the process
 * @param plans    the built-in ones and those of the file, used or not
 * @param tenants  in the order of the file
 * @param warnings what works but should not stay, for the log at start
 */
public record GatewayConfig(Listener.Settings listen, AdminServer.Settings admin, UpstreamClient.Settings upstream,
        Retries retries,
        AccountHealth.BreakerSettings breaker,
        List<AccountEntry> accounts, List<PlanEntry> plans, List<Tenant> tenants, AnswerCache.Settings cache,
        Scheduler.Settings queue, Drain.Settings drain, GatewayMeters.Settings metrics,
        Optional<Tracing.Settings> traces, Optional<RedisSettings> redis,
        Path ledger,
        List<String> warnings) {

    /** A plan: what its tenants get unless they say otherwise. */
    public record PlanEntry(String name, Limits limits, AnswerCache.Mode cache, Standing standing) {}

    /**
     * How often a call is tried again.
     *
     * @param attempts all told, the first included
     * @param budget   the share of a tenant's calls that may be tried again, 0 to 1
     */
    public record Retries(int attempts, double budget) {}

    public GatewayConfig {
        accounts = List.copyOf(accounts);
        plans = List.copyOf(plans);
        tenants = List.copyOf(tenants);
        warnings = List.copyOf(warnings);
    }

    /** Whether any limit is of a day, and so must outlive the process. */
    public boolean hasDailyLimits() {
        Stream<List<Limit>> ofAccounts = accounts.stream().flatMap(entry -> Stream
                .concat(Stream.of(entry.limits().limits()), entry.limits().byModel().values().stream()));
        Stream<List<Limit>> ofTenants = tenants.stream().map(Tenant::limits).flatMap(
                limits -> Stream.concat(Stream.of(limits.overall()), limits.byModel().values().stream()));
        return Stream.concat(ofAccounts, ofTenants).flatMap(List::stream).anyMatch(limit -> limit.kind().daily());
    }
}
