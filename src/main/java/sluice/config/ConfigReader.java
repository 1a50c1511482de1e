package sluice.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.answers.SecondTier;
import sluice.cache.AnswerCache;
import sluice.cache.AnsweredCalls;
import sluice.calls.CallLedger;
import sluice.cluster.RedisSettings;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.config.GatewayConfig.PriceEntry;
import sluice.edge.Listener;
import sluice.identity.Identities;
import sluice.ledger.LedgerUrl;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Tracing;
import sluice.net.Drain;
import sluice.schedule.Lane;
import sluice.schedule.Scheduler;
import sluice.schedule.Standing;
import sluice.tenancy.Tenant;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;
import sluice.yaml.Document;
import sluice.yaml.EffectiveConfig;
import sluice.yaml.Findings;
import sluice.yaml.Interpolation;
import sluice.yaml.InvalidConfig;
import sluice.yaml.Section;

/**
 * Reads a configuration file: YAML into nodes, nodes into settings, with every default set where its key is read. All
 * problems of a file are reported together.
 */
public final class ConfigReader {
    private static final String SOURCE = "configuration";
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration BILLED_LATE = Duration.ofDays(2);

    private final Document document;
    private final Findings findings;

    private ConfigReader(Document document, Findings findings) {
        this.document = document;
        this.findings = findings;
    }

    /**
     * Reads the configuration from a file.
     *
     * @param environment returns a variable's value, or null if it is not set
     */
    public static GatewayConfig read(Path file, Function<String, @Nullable String> environment) throws InvalidConfig {
        return read(Document.of(file), new Findings(new Interpolation(environment)));
    }

    /**
     * Reads the configuration from a file and reports which files were read.
     *
     * @param read called with each file that was read or looked for, even if that failed
     */
    public static GatewayConfig read(Path file, Function<String, @Nullable String> environment, Consumer<Path> read)
            throws InvalidConfig {
        read.accept(file);
        return read(Document.of(file), new Findings(new Interpolation(environment), read));
    }

    /**
     * Reads a configuration without its secrets and files: variables are assumed to be set and files to exist, except
     * for included files, which are read.
     */
    public static GatewayConfig readOffline(Path file) throws InvalidConfig {
        return read(Document.of(file), new Findings(Interpolation.withoutEnvironment()));
    }

    /** Likewise, from a string, which can include no files. */
    public static GatewayConfig parseOffline(String yaml) throws InvalidConfig {
        return read(Document.of(SOURCE, yaml), new Findings(Interpolation.withoutEnvironment()));
    }

    /** Parses the configuration from a string. */
    public static GatewayConfig parse(String yaml, Function<String, @Nullable String> environment)
            throws InvalidConfig {
        return read(Document.of(SOURCE, yaml), new Findings(new Interpolation(environment)));
    }

    static GatewayConfig read(Document document, Findings findings) throws InvalidConfig {
        return new ConfigReader(document, findings).config(document.root(findings));
    }

    private GatewayConfig config(Section root) throws InvalidConfig {
        Section listening = root.section("listen");
        Listener.Settings listen = ServerReader.listen(listening);
        AdminServer.Settings admin = ServerReader.admin(root.section("admin"), listening, listen);
        Section upstreamSection = root.section("upstream");
        UpstreamClient.Settings upstream = UpstreamReader.read(upstreamSection);
        GatewayConfig.Retries retries = UpstreamReader.retries(upstreamSection);
        AccountHealth.BreakerSettings breaker = UpstreamReader.breaker(upstreamSection);
        AccountReader accountReader = new AccountReader();
        List<AccountEntry> accounts = accountReader.read(upstreamSection, upstream.baseUrl());
        Section cacheSection = root.section("cache");
        AnswerCache.Settings cache = CacheReader.read(cacheSection);
        SecondTier secondTier = SecondTierReader.read(cacheSection.section("redis"), cache);
        AnsweredCalls.Settings idempotency = idempotency(root.section("idempotency"));
        Scheduler.Settings queue = queue(root.section("queue"), upstreamSection);
        Map<String, PlanEntry> plans = PlanReader.read(root.section("plans"), cache.policies(),
                new Standing(1, queue.maxWait(), Lane.INTERACTIVE));
        TenantKeys keys = new TenantKeys(accountReader, admin.digests());
        TenantReader tenantReader = new TenantReader(plans, accountReader.names(), accountReader.sharing(), keys::read);
        List<Tenant> tenants = tenantReader.read(root, document.included(root, findings));
        PoolWarnings pools = new PoolWarnings(accounts, accountReader.silent());
        pools.ofHosts(upstreamSection, tenants);
        tenantReader.each(pools::ofModels);
        Drain.Settings drain = ServerReader.drain(root.section("drain"));
        GatewayMeters.Settings metrics = new GatewayMeters.Settings(
                root.section("metrics").count("max-tenants", 0, 100_000, 500));
        Optional<Tracing.Settings> traces = TracesReader.read(root.section("traces"));
        Optional<RedisSettings> redis = new RedisReader(accountReader.names(),
                tenants.stream().map(Tenant::name).toList()).read(root.section("redis"));
        Section ledgerSection = root.section("ledger");
        LedgerUrl ledger = LedgerReader.read(ledgerSection);
        Duration startWait = LedgerReader.startWait(ledgerSection);
        tenantReader.refuseSharing(GatewayConfig.isOfAllReplicas(ledger, redis.isPresent()));
        CallLedger.Settings calls = LedgerReader.calls(ledgerSection, ledger, redis.isPresent());
        List<PriceEntry> prices = PricesReader.read(root.section("prices"));
        GatewayConfig.Budgets budgets = BudgetsReader.read(root.section("budgets"));
        Section organization = root.section("openai-admin");
        Optional<ApiKey> adminKey = organization.secret("key").map(ApiKey::new);
        if (adminKey.isPresent() && calls.keepCalls().compareTo(BILLED_LATE) < 0) {
            ledgerSection.warn("keep-calls", "shorter than the two days that comparing with OpenAI's bill needs");
        }
        if (adminKey.isEmpty()) {
            accounts.stream().filter(entry -> entry.limitsFrom() == AccountEntry.LimitsFrom.UPSTREAM)
                    .forEach(entry -> upstreamSection.refuse("limits: upstream of account " + entry.account().name()
                            + " without openai-admin.key", "an admin key to read limits with"));
        }
        Identities.Settings identity = IdentityReader.read(root.section("identity"),
                tenants.stream().map(Tenant::name).toList());
        keys.refuseUnreachable(identity.tenants());
        findings.finish(document.source());
        return new GatewayConfig(listen, admin, upstream, retries, breaker, accounts, List.copyOf(plans.values()),
                tenants, cache, secondTier, idempotency, queue, drain, metrics, traces, redis, ledger, startWait, calls,
                prices,
                budgets, adminKey, identity, tenantReader.places(), new EffectiveConfig(root.inEffect()),
                findings.warnings());
    }

    private static AnsweredCalls.Settings idempotency(Section idempotency) {
        return new AnsweredCalls.Settings(
                idempotency.duration("ttl", Duration.ofSeconds(1), Duration.ofDays(30), DAY),
                idempotency.size("max-size", 0, 1L << 40, 16L << 20),
                idempotency.duration("continue-for", Duration.ZERO, DAY, Duration.ofMinutes(10)),
                idempotency.count("max-continued", 0, 1_000_000, 1_000));
    }

    private static Scheduler.Settings queue(Section queue, Section upstream) {
        return new Scheduler.Settings(
                queue.duration("max-wait", Duration.ZERO, DAY, Duration.ofSeconds(30)),
                queue.count("max-waiting", 0, 10_000_000, 10_000), queue.share("batch-share", 0.01, 0.5, 0.1),
                upstream.flag("affinity", true));
    }

}
