package sluice.config;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.answers.SecondTier;
import sluice.cache.AnswerCache;
import sluice.cache.AnsweredCalls;
import sluice.cache.CachePolicies;
import sluice.calls.CallLedger;
import sluice.cluster.RedisSettings;
import sluice.edge.Listener;
import sluice.identity.Identities;
import sluice.ledger.LedgerUrl;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Tracing;
import sluice.net.Drain;
import sluice.price.Item;
import sluice.price.ModelPrice;
import sluice.price.Prices;
import sluice.price.Unpriced;
import sluice.quota.Limits;
import sluice.quota.Spending;
import sluice.schedule.Scheduler;
import sluice.schedule.Standing;
import sluice.tenancy.Access;
import sluice.tenancy.TagRules;
import sluice.tenancy.Tenant;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;
import sluice.yaml.EffectiveConfig;

/**
 * The whole configuration, validated. Plans are resolved into the tenants that use them.
 *
 * @param accounts    never empty, in file order
 * @param plans       the built-in plans and those in the file, used or not
 * @param tenants     in file order
 * @param secondTier  the cache that replicas share behind their own
 * @param idempotency how calls with an Idempotency-Key are repeated
 * @param traces      where traces are sent; empty if tracing is off
 * @param redis       where replicas keep shared state; empty if this process runs alone
 * @param ledger      the database for state that must outlive the process
 * @param startWait   how long the start waits for that database
 * @param calls       how the records of calls are kept in it
 * @param prices      prices that extend or override the list
 * @param budgets     what applies to the budgets of all tenants
 * @param adminKey    the organization's admin key, to ask OpenAI for its limits and costs
 * @param identity    whose tokens are accepted instead of keys
 * @param places      where each tenant is declared, by its name
 * @param effective   all of it, to be shown
 * @param warnings    settings that work but should be fixed, for the startup log
 */
public record GatewayConfig(Listener.Settings listen, AdminServer.Settings admin, UpstreamClient.Settings upstream,
        Retries retries, AccountHealth.BreakerSettings breaker, List<AccountEntry> accounts, List<PlanEntry> plans,
        List<Tenant> tenants, AnswerCache.Settings cache, SecondTier secondTier, AnsweredCalls.Settings idempotency,
        Scheduler.Settings queue, Drain.Settings drain, GatewayMeters.Settings metrics,
        Optional<Tracing.Settings> traces, Optional<RedisSettings> redis, LedgerUrl ledger, Duration startWait,
        CallLedger.Settings calls,
        List<PriceEntry> prices, Budgets budgets, Optional<ApiKey> adminKey, Identities.Settings identity,
        Map<String, String> places, EffectiveConfig effective, List<String> warnings) {

    /** A plan: what its tenants get unless they override it. */
    public record PlanEntry(String name, Limits limits, CachePolicies cache, Standing standing,
            TagRules tags, Access access) {}

    /**
     * What applies to the budgets of all tenants.
     *
     * @param unpriced what happens to calls without a price
     */
    public record Budgets(Spending.Rules rules, Unpriced unpriced) {}

    /** The prices of a model in dollars, by service tier. */
    public record PriceEntry(String model, Map<String, Map<Item, BigDecimal>> tiers) {

        public PriceEntry {
            tiers = Collections.unmodifiableMap(new LinkedHashMap<>(tiers));
        }
    }

    /**
     * How often a call is retried.
     *
     * @param attempts attempts in total, including the first
     * @param budget   the share of a tenant's calls that may be retried, 0 to 1
     */
    public record Retries(int attempts, double budget) {}

    public GatewayConfig {
        accounts = List.copyOf(accounts);
        plans = List.copyOf(plans);
        tenants = List.copyOf(tenants);
        prices = List.copyOf(prices);
        places = Map.copyOf(places);
        warnings = List.copyOf(warnings);
    }

    /** Without what changes with line numbers and time. */
    GatewayConfig withoutWarnings() {
        return new GatewayConfig(listen, admin, upstream, retries, breaker, accounts, plans, tenants, cache, secondTier,
                idempotency, queue, drain, metrics, traces, redis, ledger, startWait, calls, prices, budgets, adminKey,
                identity,
                Map.of(), effective, List.of());
    }

    /** The prices in effect: these, dated this day, and the list for everything else. */
    public Prices pricesAsOf(LocalDate day) {
        Map<String, ModelPrice> own = new HashMap<>();
        prices.forEach(entry -> own.put(entry.model(), ModelPrice.of(entry.tiers(), day)));
        return Prices.listed().with(own);
    }

    /** Whether calls are recorded: several processes with a file each would know only their own calls. */
    public boolean keepsCalls() {
        return isOfAllReplicas(ledger, redis.isPresent());
    }

    static boolean isOfAllReplicas(LedgerUrl ledger, boolean redis) {
        return !redis || ledger instanceof LedgerUrl.Postgres;
    }

    /** Whether there is any limit per day or any budget, what remains of which must outlive the process. */
    public boolean hasDailyLimits() {
        return tenants.stream().anyMatch(tenant -> tenant.limits().hasDaily() || !tenant.limits().budgets().isEmpty()
                || !tenant.tags().budgets().isEmpty())
                || accounts.stream().anyMatch(entry -> entry.limits().hasDaily()
                        || entry.limitsFrom() == AccountEntry.LimitsFrom.UPSTREAM);
    }
}
