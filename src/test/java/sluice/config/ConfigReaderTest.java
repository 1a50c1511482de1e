package sluice.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluice.account.AccountEntry;
import sluice.account.ServedModels;
import sluice.admin.AdminServer;
import sluice.admin.BaseUrl;
import sluice.admin.Role;
import sluice.answers.SealKey;
import sluice.answers.SecondTier;
import sluice.cache.AnswerCache;
import sluice.cache.AnswerCache.Mode;
import sluice.cache.AnsweredCalls;
import sluice.cache.CachePolicies;
import sluice.cache.CachePolicy;
import sluice.calls.CallLedger;
import sluice.cluster.RedisSettings;
import sluice.cluster.RedisSettings.ExactLimit;
import sluice.cluster.StoreLoss;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.edge.Listener;
import sluice.ledger.LedgerUrl;
import sluice.login.Provider;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Tracing;
import sluice.net.CertifiedKey;
import sluice.net.Drain;
import sluice.net.Network;
import sluice.net.TrustedProxies;
import sluice.openai.EndpointClass;
import sluice.openai.ModelGlob;
import sluice.price.Cost;
import sluice.price.Unpriced;
import sluice.proxy.socket.Converse;
import sluice.quota.AccountLimits;
import sluice.quota.Budget;
import sluice.quota.Limit;
import sluice.quota.Limits;
import sluice.quota.Spending;
import sluice.schedule.Lane;
import sluice.schedule.Scheduler;
import sluice.schedule.Standing;
import sluice.tenancy.Access;
import sluice.tenancy.KeyDigest;
import sluice.tenancy.TagRules;
import sluice.tenancy.Tenant;
import sluice.upstream.Account;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.UpstreamClient;
import sluice.yaml.InvalidConfig;

class ConfigReaderTest {
    private static final long MIB = 1 << 20;
    private static final Standing STANDING = new Standing(1, Duration.ofSeconds(30), Lane.INTERACTIVE);
    private static final Path SOME_FILE = Configs.SERVER.pem();
    private static final Path SOME_KEY = Configs.SERVER.key();

    private static final CachePolicies USUAL = new CachePolicies(
            CachePolicy.of(Mode.IDENTICAL, Duration.ofMinutes(10)));

    private static CachePolicy policy(Mode mode, int days, int mostDays, String namespace) {
        return new CachePolicy(mode, Duration.ofDays(days), Duration.ofDays(mostDays), namespace, false);
    }

    private static CachePolicies policies(CachePolicy usual, String models, CachePolicy own) {
        return new CachePolicies(usual, Map.of(new ModelGlob(models), own));
    }

    @Test
    void defaults() throws InvalidConfig {
        GatewayConfig config = Configs.minimal("tenants: [ { name: bot, keys: ['${SUPPORT_BOT_KEY}'] } ]");

        assertThat(config.listen())
                .isEqualTo(new Listener.Settings("0.0.0.0", 8080, 32 * MIB, Runtime.getRuntime().maxMemory() / 100 * 25,
                        Duration.ofSeconds(10), Duration.ofSeconds(30), 32 << 10, 20_000,
                        new Listener.Peers(10_000, Duration.ofSeconds(650), Duration.ofMinutes(1), 1024,
                                TrustedProxies.NONE),
                        Listener.PlainEdge.ON,
                        new Converse.Settings(Duration.ofMinutes(10), Duration.ofHours(2), 16 << 20, 100),
                        Optional.empty()));
        assertThat(config.admin()).isEqualTo(new AdminServer.Settings("127.0.0.1", 9090, Optional.empty()));
        assertThat(config.upstream()).isEqualTo(new UpstreamClient.Settings(URI.create("https://api.openai.com/v1"),
                512, Duration.ofMinutes(5), Duration.ofSeconds(30), true, Optional.empty(), Optional.empty(),
                new UpstreamClient.Timeouts(
                        Duration.ofSeconds(5), Duration.ofMinutes(10), Duration.ofMinutes(10))));
        assertThat(config.accounts()).containsExactly(new AccountEntry(
                new Account("main", URI.create("https://api.openai.com/v1"), Account.KeyHeader.AUTHORIZATION,
                        List.of(new ApiKey(Configs.OPENAI_KEY)), Optional.empty(), Optional.empty(), Optional.empty()),
                new AccountLimits(List.of(new Limit(Limit.Kind.RPM, 1000)), Map.of(), true, 50),
                AccountEntry.LimitsFrom.FILE, ServedModels.ALL, false));
        assertThat(config.retries()).isEqualTo(new GatewayConfig.Retries(3, 0.2));
        assertThat(config.breaker()).isEqualTo(
                new AccountHealth.BreakerSettings(0.5, 20, Duration.ofSeconds(10), Duration.ofSeconds(1)));
        assertThat(config.plans()).containsExactly(
                new PlanEntry("free", limits(100), USUAL, STANDING, TagRules.NONE, Access.OPEN),
                new PlanEntry("paid", limits(1000), USUAL, STANDING, TagRules.NONE, Access.OPEN));
        assertThat(config.tenants()).containsExactly(
                new Tenant("bot", "free", List.of(new Tenant.Key(KeyDigest.of(Configs.BOT_KEY), Optional.empty())),
                        List.of(new ModelGlob("*")), Set.of(EndpointClass.INFERENCE), List.of("main"), limits(100),
                        false, USUAL, STANDING, TagRules.NONE, Access.OPEN));
        assertThat(config.cache())
                .isEqualTo(new AnswerCache.Settings(USUAL, 256 * MIB, 1 << 20, AnswerCache.Scope.TENANT, true, true));
        assertThat(config.secondTier()).isEqualTo(new SecondTier(Optional.empty(), List.of(), Duration.ofDays(1),
                1 << 20, Duration.ofSeconds(2), 512));
        assertThat(config.idempotency()).isEqualTo(
                new AnsweredCalls.Settings(Duration.ofDays(1), 16 * MIB, Duration.ofMinutes(10), 1_000));
        assertThat(config.queue()).isEqualTo(new Scheduler.Settings(Duration.ofSeconds(30), 10_000, 0.1, true));
        assertThat(config.drain()).isEqualTo(new Drain.Settings(Duration.ofSeconds(10), Duration.ofMinutes(10),
                Duration.ofSeconds(30)));
        assertThat(config.metrics()).isEqualTo(new GatewayMeters.Settings(500));
        assertThat(config.traces()).isEmpty();
        assertThat(config.redis()).isEmpty();
        assertThat(config.ledger()).isEqualTo(new LedgerUrl.Sqlite(Path.of("data/sluice.db")));
        assertThat(config.startWait()).isEqualTo(Duration.ofSeconds(30));
        assertThat(config.calls())
                .isEqualTo(new CallLedger.Settings(Path.of("data/spool"), 64 * MIB, Duration.ofDays(30)));
        assertThat(config.warnings()).isEmpty();
    }

    private static Network network(String text) {
        return Network.parse(text).orElseThrow();
    }

    @Test
    void everyKeyCanBeSet() throws Exception {
        GatewayConfig config = ConfigReader.read(Configs.EVERY_KEY, Configs.environment());

        assertThat(config.listen())
                .isEqualTo(new Listener.Settings("127.0.0.2", 8081, MIB, 512 * MIB, Duration.ofMillis(500),
                        Duration.ofHours(1), 64 << 10, 7,
                        new Listener.Peers(2, Duration.ofMinutes(5), Duration.ofSeconds(20), 2 << 10,
                                new TrustedProxies(List.of(network("10.1.0.0/16"), network("fd00::/8")))),
                        Listener.PlainEdge.OFF,
                        new Converse.Settings(Duration.ofSeconds(30), Duration.ofHours(1), 1 << 20, 50),
                        Optional.of(new Listener.Tls(SOME_FILE, SOME_KEY,
                                Optional.of(new Listener.Clients(SOME_FILE, Listener.Auth.REQUIRED))))));
        assertThat(config.admin()).isEqualTo(
                new AdminServer.Settings("::1", 9091, Optional.of(KeyDigest.of(Configs.ADMIN_TOKEN)),
                        List.of(new AdminServer.Token("pager", new Role.Viewer(), KeyDigest.fromHex("0".repeat(63) + 1),
                                false),
                                new AdminServer.Token("ci", new Role.Operator(), KeyDigest.fromHex("0".repeat(63) + 2),
                                        true),
                                new AdminServer.Token("search-team", new Role.OfTenant("search"),
                                        KeyDigest.fromHex("0".repeat(63) + 3), false)),
                        Optional.of(new AdminServer.Tls(SOME_FILE, SOME_KEY)),
                        Optional.of(new AdminServer.Oidc(
                                new Provider.Settings("https://login.internal/realms/one", "gateway",
                                        Optional.of(new Provider.ClientSecret("sk-from-a-mounted-file")),
                                        URI.create("https://sluice.internal:8443/admin/login/callback"),
                                        List.of("openid", "groups"), "roles", Optional.of(SOME_FILE)),
                                URI.create("https://sluice.internal:8443"),
                                List.of(new AdminServer.GroupRole("Platform Team", new Role.Operator()),
                                        new AdminServer.GroupRole("search", new Role.OfTenant("search"))),
                                Duration.ofMinutes(15))),
                        new BaseUrl(Optional.of(URI.create("https://sluice.internal/v1")), true, 8081)));
        assertThat(config.upstream()).isEqualTo(new UpstreamClient.Settings(URI.create("http://127.0.0.1:9999/openai"),
                3, Duration.ofDays(1), Duration.ofSeconds(20), false,
                Optional.of(new UpstreamClient.EgressProxy("proxy.internal", 3128, Optional.of("me"),
                        Optional.of(new ApiKey("sk-from-a-mounted-file")))),
                Optional.of(SOME_FILE), new UpstreamClient.Timeouts(Duration.ofSeconds(1), Duration.ofSeconds(2),
                        Duration.ofSeconds(3))));
        assertThat(config.accounts()).containsExactly(
                new AccountEntry(
                        new Account("first", URI.create("http://127.0.0.1:9998/v1"), Account.KeyHeader.API_KEY,
                                List.of(new ApiKey(Configs.OPENAI_KEY), new ApiKey("sk-from-a-mounted-file")),
                                Optional.of("org-a"), Optional.of("proj_b"), Optional.empty()),
                        new AccountLimits(
                                List.of(new Limit(Limit.Kind.RPM, 60), new Limit(Limit.Kind.RPD, 5000),
                                        new Limit(Limit.Kind.TPM, 7000), new Limit(Limit.Kind.TPD, 80_000)),
                                Map.of(new ModelGlob("gpt-4o*"), List.of(new Limit(Limit.Kind.RPM, 30),
                                        new Limit(Limit.Kind.RPD, 300), new Limit(Limit.Kind.TPM, 3000),
                                        new Limit(Limit.Kind.TPD, 30_000)), new ModelGlob("o3"),
                                        List.of(new Limit(Limit.Kind.TPM, 9))),
                                false, 60),
                        AccountEntry.LimitsFrom.FILE,
                        ServedModels.of(List.of(new ModelGlob("gpt-4o*"), new ModelGlob("o3"))), true),
                new AccountEntry(
                        new Account("second", URI.create("https://127.0.0.1:9997/v1"),
                                Account.KeyHeader.AUTHORIZATION, List.of(new ApiKey("second-account-key")),
                                Optional.empty(),
                                Optional.empty(), Optional.of(CertifiedKey.read(SOME_FILE, SOME_KEY, Instant.now()))),
                        new AccountLimits(List.of(new Limit(Limit.Kind.RPM, 100)), Map.of(), true, 7),
                        AccountEntry.LimitsFrom.FILE, ServedModels.ALL, false),
                new AccountEntry(
                        new Account("third", URI.create("http://127.0.0.1:9999/openai"),
                                Account.KeyHeader.AUTHORIZATION, List.of(new ApiKey("third-account-key")),
                                Optional.empty(), Optional.of("proj_c"), Optional.empty()),
                        new AccountLimits(List.of(new Limit(Limit.Kind.RPM, 100)), Map.of(), true, 5),
                        AccountEntry.LimitsFrom.UPSTREAM, ServedModels.ALL, false));
        assertThat(config.retries()).isEqualTo(new GatewayConfig.Retries(5, 0.07));
        assertThat(config.breaker()).isEqualTo(
                new AccountHealth.BreakerSettings(0.9, 4, Duration.ofSeconds(3), Duration.ofMinutes(2)));
        assertThat(config.plans()).extracting(PlanEntry::name).containsExactly("free", "paid", "spare",
                "gold");
        assertThat(config.plans().get(2).limits().budgets()).containsExactly(
                new Budget(Budget.Period.DAY, 2_500_000_000_000L),
                new Budget(Budget.Period.MONTH, 40_000_000_000_000L));
        assertThat(config.budgets()).isEqualTo(new GatewayConfig.Budgets(
                new Spending.Rules(ZoneId.of("Europe/Berlin"), 0.5), Unpriced.DEAREST));
        assertThat(config.prices()).extracting(GatewayConfig.PriceEntry::model).containsExactly("my-model",
                "ft:gpt-4o:acme::1");
        assertThat(config.plans().getLast().standing())
                .isEqualTo(new Standing(2.5, Duration.ofMinutes(2), Lane.BATCH));
        assertThat(config.cache()).isEqualTo(new AnswerCache.Settings(
                policies(policy(Mode.OFF, 2, 3, "v0"), "text-*",
                        new CachePolicy(Mode.IDENTICAL, Duration.ofDays(7), Duration.ofDays(8), "v7", true)),
                1 << 30, 512, AnswerCache.Scope.SHARED, false, false));
        assertThat(config.secondTier()).isEqualTo(new SecondTier(Optional.of(new RedisSettings(
                List.of(URI.create("redis://cache.internal")), new RedisSettings.Mode.Sentinel("second"),
                Optional.of(new RedisSettings.Login(Optional.of("me"), "sk-from-a-mounted-file")),
                config.redis().flatMap(RedisSettings::caFile), "answers", Duration.ofMillis(5), 1, StoreLoss.SHARE,
                Set.of(), Set.of())),
                List.of(SealKey.of("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").orElseThrow()),
                Duration.ofHours(3), 2048, Duration.ofSeconds(1), 9));
        assertThat(config.idempotency()).isEqualTo(
                new AnsweredCalls.Settings(Duration.ofHours(1), 3 * MIB, Duration.ofSeconds(30), 5));
        assertThat(config.queue()).isEqualTo(new Scheduler.Settings(Duration.ZERO, 0, 0.25, false));
        assertThat(config.drain())
                .isEqualTo(new Drain.Settings(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(3)));
        assertThat(config.metrics()).isEqualTo(new GatewayMeters.Settings(3));
        assertThat(config.traces())
                .contains(new Tracing.Settings(URI.create("http://collector.internal:4318/v1/traces"), 0.05,
                        Map.of("x-api-key", "sk-from-a-mounted-file"), Map.of()));
        assertThat(config.redis()).contains(new RedisSettings(
                List.of(URI.create("rediss://one.internal:6380"), URI.create("rediss://two.internal")),
                new RedisSettings.Mode.Sentinel("chief"),
                Optional.of(new RedisSettings.Login(Optional.of("me"), "sk-from-a-mounted-file")),
                Optional.of(SOME_FILE), "gate", Duration.ofSeconds(1), 3, StoreLoss.OPEN, Set.of("second"),
                Set.of(new ExactLimit(Optional.empty(), Limit.Kind.RPD),
                        new ExactLimit(Optional.of("special"), Limit.Kind.TPM))));
        assertThat(config.ledger()).isEqualTo(new LedgerUrl.Sqlite(Path.of("/somewhere/else.db")));
        assertThat(config.startWait()).isEqualTo(Duration.ofSeconds(10));
        assertThat(config.calls())
                .isEqualTo(new CallLedger.Settings(Path.of("/somewhere/spool"), MIB, Duration.ofDays(7)));
    }

    @Test
    void tenantTakesItsPlanAndItsOwnLimitsInPlaceOfIt() throws InvalidConfig {
        GatewayConfig config = ConfigReader.read(Configs.EVERY_KEY, Configs.environment());

        Limits gold = new Limits(
                List.of(new Limit(Limit.Kind.RPM, 10), new Limit(Limit.Kind.RPD, 20), new Limit(Limit.Kind.TPM, 3000),
                        new Limit(Limit.Kind.TPD, 40_000)),
                OptionalInt.of(3), Map.of(new ModelGlob("gpt-4o*"), List.of(new Limit(Limit.Kind.RPM, 4)),
                        new ModelGlob("o3"),
                        List.of(new Limit(Limit.Kind.RPD, 5), new Limit(Limit.Kind.TPM, 50),
                                new Limit(Limit.Kind.TPD, 60))));
        Limits own = new Limits(
                List.of(new Limit(Limit.Kind.RPM, 10), new Limit(Limit.Kind.RPD, 99), new Limit(Limit.Kind.TPM, 3001),
                        new Limit(Limit.Kind.TPD, 40_001)),
                OptionalInt.of(3), Map.of(new ModelGlob("o4*"), List.of(new Limit(Limit.Kind.RPM, 6))));
        assertThat(config.tenants()).containsExactly(
                new Tenant("plain", "gold",
                        List.of(new Tenant.Key(KeyDigest.fromHex("ab".repeat(32)), Optional.empty())),
                        List.of(new ModelGlob("*")), Set.of(EndpointClass.INFERENCE),
                        List.of("first", "second", "third"), gold, false,
                        policies(policy(Mode.IDENTICAL, 4, 5, "v4"), "o3",
                                new CachePolicy(Mode.OFF, Duration.ofDays(1), Duration.ofDays(5), "v1", true)),
                        new Standing(2.5, Duration.ofMinutes(2), Lane.BATCH),
                        new TagRules(List.of("team"), ofTag("team=*", 7)),
                        new Access(true, List.of(network("10.0.0.0/8")))),
                new Tenant("special", "gold",
                        List.of(new Tenant.Key(KeyDigest.fromHex("cd".repeat(32)),
                                Optional.of(Instant.parse("2027-02-01T00:00:00Z"))),
                                new Tenant.Key(KeyDigest.of(Configs.BOT_KEY),
                                        Optional.of(Instant.parse("2027-01-31T12:30:00Z")))),
                        List.of(new ModelGlob("gpt-4o*"), new ModelGlob("o3")),
                        Set.of(EndpointClass.INFERENCE, EndpointClass.FILES), List.of("second"), own, true,
                        new CachePolicies(policy(Mode.IDENTICAL, 2, 3, "v0")),
                        new Standing(0.125, Duration.ZERO, Lane.INTERACTIVE),
                        new TagRules(List.of("team", "job.id"), ofTag("team=search/a", 3)),
                        new Access(false, List.of(network("2001:db8::/32"), network("192.0.2.1/32")))));
    }

    private static Map<String, List<Budget>> ofTag(String tag, long dollars) {
        return Map.of(tag, List.of(new Budget(Budget.Period.DAY, dollars * Cost.PER_DOLLAR)));
    }

    @Test
    void builtInPlanKeepsItsRpmUnlessGivenAnother() throws InvalidConfig {
        GatewayConfig config = Configs.minimal("plans: { free: { concurrent: 5 }, paid: { rpm: 7 } }");

        assertThat(config.plans()).extracting(PlanEntry::limits)
                .containsExactly(new Limits(limits(100).overall(), OptionalInt.of(5), Map.of()), limits(7));
    }

    @Test
    void tenantsWaitAsTheQueueSaysUnlessTheirPlanSaysOtherwise() throws InvalidConfig {
        GatewayConfig config = Configs.minimal("""
                queue: { max-wait: 7s }
                plans: { paid: { weight: 3 } }
                tenants:
                  - { name: a, keys: ['${SUPPORT_BOT_KEY}'] }
                  - { name: b, plan: paid, max-wait: 1m, keys: ['${SEARCH_KEY}'] }
                """);

        assertThat(config.tenants()).extracting(Tenant::standing).containsExactly(
                new Standing(1, Duration.ofSeconds(7), Lane.INTERACTIVE),
                new Standing(3, Duration.ofMinutes(1), Lane.INTERACTIVE));
    }

    @Test
    void accountWithoutTierIsFree() throws InvalidConfig {
        GatewayConfig config = ConfigReader.parse(
                "upstream: { accounts: [ { name: a, keys: ['${OPENAI_API_KEY}'] } ] }",
                Configs.environment());

        assertThat(config.accounts().getFirst().limits())
                .isEqualTo(new AccountLimits(List.of(new Limit(Limit.Kind.RPM, 100)), Map.of(), true, 5));
    }

    @Test
    void proxyCanBeOneTextOrEmpty() throws InvalidConfig {
        assertThat(upstream("proxy: 'http://me:p%40ss+word@proxy:3128'").proxy())
                .contains(new UpstreamClient.EgressProxy(
                        "proxy", 3128, Optional.of("me"), Optional.of(new ApiKey("p@ss+word"))));
        assertThat(upstream("proxy: 'http://proxy:3128/'").proxy())
                .contains(new UpstreamClient.EgressProxy("proxy", 3128, Optional.empty(), Optional.empty()));
        assertThat(upstream("proxy: '${EGRESS_PROXY:}'").proxy()).isEmpty();
    }

    @Test
    void sectionsWithNothingInThemAreAtTheirDefaults() throws InvalidConfig {
        assertThat(Configs.minimal("cache:\nlisten:\nplans:\ntenants:\n").listen())
                .isEqualTo(Configs.minimal("").listen());
    }

    @Test
    void worksButShouldNotStay() throws InvalidConfig {
        GatewayConfig config = ConfigReader.parse("""
                listen: { max-body: 64MiB, max-held-bodies: 1MiB }
                admin: { host: 0.0.0.0 }
                upstream:
                  base-url: http://gateway.internal/v1/
                  accounts: [ { name: main, keys: [literal-key-of-openai, "[redacted]"] } ]
                tenants: [ { name: bot, keys: [literal-key-of-the-bot] } ]
                """, Configs.environment());

        assertThat(config.upstream().baseUrl()).isEqualTo(URI.create("http://gateway.internal/v1"));
        assertThat(config.warnings()).containsExactly(
                "listen.max-held-bodies, line 1: 1MiB is less than twice max-body, and a tenant may hold at most half of it: larger bodies are always refused with 503",
                "admin.token, line 2: none, so /admin answers only if host is a loopback address",
                "upstream.base-url, line 4: plain http to another machine: keys and prompts can be read in transit",
                "upstream.accounts[0] (main) keys[0], line 5: a secret in plain text; use ${NAME} or file:/path instead",
                "upstream.accounts[0] (main) keys[1], line 5: this is the placeholder the effective configuration shows; put the secret itself here",
                "tenants[0] (bot) keys[0], line 6: a secret in plain text; use ${NAME} or file:/path instead");
    }

    private static List<String> warnings(String accounts, String tenants) throws InvalidConfig {
        return ConfigReader.parse("upstream:\n  accounts:\n" + accounts.indent(4) + "tenants:\n" + tenants.indent(2),
                Configs.environment()).warnings();
    }

    private static String account(String name, String key, String more) {
        return "- { name: " + name + ", keys: [\"${" + key + "}\"], " + more + " }\n";
    }

    @Test
    void accountsOfDifferentHostsThatDoNotSayWhatTheyServeAreWarnedOf() throws InvalidConfig {
        String azure = "base-url: https://example.openai.azure.com/openai/v1";
        String bot = "- { name: bot, keys: [\"${SUPPORT_BOT_KEY}\"] }\n";
        String openai = account("openai", "OPENAI_API_KEY", "tier: paid");
        assertThat(warnings(openai + account("azure", "SEARCH_KEY", azure), bot)).singleElement().asString()
                .isEqualTo(
                        "upstream.accounts, line 2: openai, azure: at different hosts, and shared by a tenant. Calls "
                                + "go to any of them, also to one that lacks their model, until each lists its models under "
                                + "'serves'; missing on openai, azure");
        assertThat(warnings(openai + account("azure", "SEARCH_KEY", azure + ", serves: [gpt-4o]"), bot))
                .singleElement().asString().endsWith("missing on openai");
        assertThat(warnings(account("openai", "OPENAI_API_KEY", "serves: [\"*\"]")
                + account("azure", "SEARCH_KEY", azure + ", serves: [gpt-4o]"), bot)).isEmpty();
        assertThat(warnings(openai + account("europe", "SEARCH_KEY", "base-url: https://eu.api.openai.com/v1"), bot))
                .as("OpenAI's own hosts").isEmpty();
        assertThat(warnings(openai + account("azure", "SEARCH_KEY", azure),
                "- { name: bot, accounts: [azure], keys: [\"${SUPPORT_BOT_KEY}\"] }\n")).as("no tenant has both")
                .isEmpty();
    }

    @Test
    void modelThatNoAccountOfATenantServesIsWarnedOf() throws InvalidConfig {
        String accounts = account("openai", "OPENAI_API_KEY", "serves: [\"gpt-5*\"]")
                + account("spare", "SEARCH_KEY", "serves: [o3]");
        assertThat(warnings(accounts, "- { name: bot, accounts: [openai], models: [gpt-5-mini, o3, gpt-4o, \"o*\"], "
                + "keys: [\"${SUPPORT_BOT_KEY}\"] }\n")).containsExactly("tenants[0] (bot) models, line 6: o3, gpt-4o: "
                        + "served by none of the tenant's accounts (openai); see their 'serves'");
        assertThat(warnings(accounts, "- { name: bot, models: [gpt-5-mini, o3], keys: [\"${SUPPORT_BOT_KEY}\"] }\n"))
                .isEmpty();
    }

    @Test
    void keyThatHasExpiredOrSoonWillIsWarnedOf() throws InvalidConfig {
        String soon = Instant.now().plus(Duration.ofDays(3)).truncatedTo(ChronoUnit.SECONDS).toString();
        GatewayConfig config = Configs.minimal("""
                tenants:
                  - name: bot
                    keys:
                      - { sha256: %1$s, not-after: 2020-01-31 }
                      - { sha256: %2$s, not-after: %4$s }
                      - { sha256: %3$s, not-after: 2999-01-31 }
                """.formatted("aa".repeat(32), "bb".repeat(32), "cc".repeat(32), soon));
        assertThat(config.warnings()).containsExactly(
                "tenants[0] (bot) keys[0].not-after, line 9: the key has expired and is refused; remove it",
                "tenants[0] (bot) keys[1].not-after, line 10: the key expires at " + soon
                        + "; issue a new one");
    }

    @Test
    void allMistakesAreToldAtOnceInTheOrderOfTheFile() {
        InvalidConfig invalid = catchThrowableOfType(InvalidConfig.class, () -> ConfigReader.parse("""
                tenants:
                  - { name: bot, rpm: 0 }
                cache: { ttl: 10, tttl: 10m }
                redis: { url: x, exact: [rpm, nobody/rpm] }
                listen: { port: -1 }
                """, Configs.environment()));

        assertThat(invalid).hasMessage(
                """
                        configuration: 8 problems
                        upstream.accounts: missing (expected: at least one account with its keys)
                        tenants[0] (bot) keys, line 2: missing (expected: at least one key, or a rule under identity that names this tenant)
                        tenants[0] (bot) rpm, line 2: 0 (expected: a whole number >= 1)
                        cache.ttl, line 3: 10 (expected: a duration such as 30s)
                        cache.tttl, line 3: unknown key (did you mean ttl?)
                        redis.url, line 4: x (expected: redis://host:port or rediss://host:port, several with commas)
                        redis.exact[1], line 4: nobody/rpm (expected: rpm, rpd, tpm, tpd, or one of a tenant as in support-bot/rpm)
                        listen.port, line 5: -1 (expected: a whole number from 0 to 65535)""");
    }

    private static UpstreamClient.Settings upstream(String line) throws InvalidConfig {
        return ConfigReader.parse("upstream:\n  " + line + "\n  accounts: [ { name: a, keys: ['${OPENAI_API_KEY}'] } ]",
                Configs.environment()).upstream();
    }

    private static Limits limits(long rpm) {
        return new Limits(List.of(new Limit(Limit.Kind.RPM, rpm)), OptionalInt.empty(), Map.of());
    }
}
