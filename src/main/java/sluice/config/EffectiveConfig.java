package sluice.config;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.cache.AnswerCache;
import sluice.cluster.RedisSettings;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.config.GatewayConfig.PriceEntry;
import sluice.edge.Listener;
import sluice.net.Drain;
import sluice.openai.EndpointClass;
import sluice.openai.ModelGlob;
import sluice.price.Cost;
import sluice.price.ModelPrice;
import sluice.quota.Budget;
import sluice.quota.Limit;
import sluice.quota.Limits;
import sluice.schedule.Scheduler;
import sluice.schedule.Standing;
import sluice.tenancy.TagRules;
import sluice.tenancy.Tenant;
import sluice.upstream.UpstreamClient;

/**
 * The configuration in effect, as a file that can be read back in, with every default filled in and every secret left
 * out. Tenant keys appear as digests, whose first 12 digits are their ids in logs and metrics.
 */
public final class EffectiveConfig {
    private static final DumpSettings LAYOUT = DumpSettings.builder().setSchema(new CoreSchema())
            .setDefaultFlowStyle(FlowStyle.BLOCK).setIndent(2).setIndicatorIndent(2).setIndentWithIndicator(true)
            .setWidth(Integer.MAX_VALUE).setSplitLines(false).build();

    private EffectiveConfig() {}

    /** The whole configuration as YAML. */
    public static String yaml(GatewayConfig config) {
        return new Dump(LAYOUT).dumpToString(tree(config));
    }

    /** Its sections by name, as nested maps, lists and values. */
    static Map<String, Object> tree(GatewayConfig config) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("listen", listen(config.listen()));
        root.put("admin", admin(config.admin()));
        root.put("upstream", upstream(config));
        Map<String, Object> plans = new LinkedHashMap<>();
        config.plans().forEach(plan -> plans.put(plan.name(), plan(plan)));
        root.put("plans", plans);
        root.put("tenants", list(config.tenants().stream().map(EffectiveConfig::tenant).toList()));
        root.put("cache", cache(config.cache()));
        root.put("queue", queue(config.queue()));
        root.put("drain", drain(config.drain()));
        Map<String, Object> metrics = new LinkedHashMap<>();
        metrics.put("max-tenants", config.metrics().maxTenants());
        root.put("metrics", metrics);
        config.traces().ifPresent(traces -> {
            Map<String, Object> section = new LinkedHashMap<>();
            section.put("otlp-endpoint", text(traces.endpoint()));
            section.put("sample", percent(traces.sample()));
            root.put("traces", section);
        });
        config.redis().ifPresent(redis -> root.put("redis", redis(redis)));
        Map<String, Object> ledger = new LinkedHashMap<>();
        ledger.put("url", text(config.ledger()));
        Map<String, Object> spool = new LinkedHashMap<>();
        spool.put("dir", text(config.calls().spool()));
        spool.put("max-size", TypedText.of(config.calls().spoolBytes()));
        ledger.put("spool", spool);
        ledger.put("keep-calls", TypedText.of(config.calls().keepCalls()));
        root.put("ledger", ledger);
        Map<String, Object> prices = new LinkedHashMap<>();
        config.prices().forEach(entry -> prices.put(text(entry.model()), prices(entry)));
        root.put("prices", prices);
        Map<String, Object> budgets = new LinkedHashMap<>();
        budgets.put("time-zone", config.budgets().rules().zone().getId());
        budgets.put("warn-at", percent(config.budgets().rules().warnAt()));
        budgets.put("unpriced", Values.wordOf(config.budgets().unpriced()));
        root.put("budgets", budgets);
        config.adminKey().ifPresent(key -> root.put("openai-admin", Map.of("key", Redaction.MARK)));
        return root;
    }

    private static Map<String, Object> listen(Listener.Settings listen) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("host", listen.host());
        section.put("port", listen.port());
        section.put("max-body", TypedText.of(listen.maxBodyBytes()));
        section.put("max-held-bodies", TypedText.of(listen.maxHeldBodyBytes()));
        section.put("head-timeout", TypedText.of(listen.headTimeout()));
        section.put("body-idle", TypedText.of(listen.bodyIdle()));
        section.put("max-head", TypedText.of(listen.maxHeadBytes()));
        section.put("max-connections", listen.maxConnections());
        section.put("max-connections-per-address", listen.peers().maxConnectionsPerAddress());
        section.put("idle", TypedText.of(listen.peers().idle()));
        section.put("write-idle", TypedText.of(listen.peers().writeIdle()));
        section.put("body-floor", TypedText.rate(listen.peers().bodyFloor()));
        Map<String, Object> sockets = new LinkedHashMap<>();
        sockets.put("idle", TypedText.of(listen.sockets().idle()));
        sockets.put("max-age", TypedText.of(listen.sockets().maxAge()));
        sockets.put("max-message", TypedText.of(listen.sockets().maxMessageBytes()));
        sockets.put("messages-per-second", listen.sockets().messagesPerSecond());
        section.put("websocket", sockets);
        listen.tls().ifPresent(files -> {
            Map<String, Object> tls = new LinkedHashMap<>();
            tls.put("certificate", text(files.certificate()));
            tls.put("key", text(files.key()));
            section.put("tls", tls);
        });
        return section;
    }

    private static Map<String, Object> admin(AdminServer.Settings admin) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("host", admin.host());
        section.put("port", admin.port());
        section.put("token", admin.token().map(token -> "sha256:" + token.hex()).orElse(""));
        section.put("tokens", list(admin.tokens().stream().map(EffectiveConfig::token).toList()));
        admin.tls().ifPresent(files -> {
            Map<String, Object> tls = new LinkedHashMap<>();
            tls.put("certificate", text(files.certificate()));
            tls.put("key", text(files.key()));
            section.put("tls", tls);
        });
        return section;
    }

    private static Map<String, Object> token(AdminServer.Token token) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("name", token.name());
        section.put("role", token.role().toString());
        section.put("sha256", token.digest().hex());
        section.put("break-glass", token.breakGlass());
        return section;
    }

    private static Map<String, Object> upstream(GatewayConfig config) {
        UpstreamClient.Settings upstream = config.upstream();
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("base-url", text(upstream.baseUrl()));
        section.put("connections", upstream.connections());
        section.put("connection-max-age", TypedText.of(upstream.connectionMaxAge()));
        section.put("idle", TypedText.of(upstream.idle()));
        section.put("http2", upstream.http2());
        upstream.proxy().ifPresent(proxy -> section.put("proxy", proxy(proxy)));
        upstream.caFile().ifPresent(file -> section.put("ca-file", text(file)));
        Map<String, Object> timeouts = new LinkedHashMap<>();
        timeouts.put("connect", TypedText.of(upstream.timeouts().connect()));
        timeouts.put("first-byte", TypedText.of(upstream.timeouts().firstByte()));
        timeouts.put("idle", TypedText.of(upstream.timeouts().idle()));
        section.put("timeouts", timeouts);
        Map<String, Object> retries = new LinkedHashMap<>();
        retries.put("attempts", config.retries().attempts());
        retries.put("budget", percent(config.retries().budget()));
        section.put("retries", retries);
        Map<String, Object> breaker = new LinkedHashMap<>();
        breaker.put("failures", percent(config.breaker().failures()));
        breaker.put("of-at-least", config.breaker().ofAtLeast());
        breaker.put("within", TypedText.of(config.breaker().within()));
        breaker.put("open-for", TypedText.of(config.breaker().openFor()));
        section.put("breaker", breaker);
        section.put("accounts", list(config.accounts().stream().map(EffectiveConfig::account).toList()));
        return section;
    }

    private static Map<String, Object> proxy(UpstreamClient.EgressProxy proxy) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("url", "http://" + proxy.host() + ":" + proxy.port());
        proxy.user().ifPresent(user -> section.put("user", text(user)));
        proxy.password().ifPresent(password -> section.put("password", Redaction.MARK));
        return section;
    }

    private static Map<String, Object> account(AccountEntry entry) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("name", entry.account().name());
        section.put("base-url", text(entry.account().baseUrl()));
        section.put("key-header", Values.wordOf(entry.account().keyHeader()));
        limits(section, entry.limits().limits());
        section.put("models", byModel(entry.limits().byModel()));
        section.put("limits", Values.wordOf(entry.limitsFrom()));
        section.put("strict", entry.limits().strict());
        section.put("burst", entry.limits().burst());
        section.put("keys", list(entry.account().keys().stream().map(key -> Redaction.MARK).toList()));
        section.put("shared-objects", entry.sharedObjects());
        entry.account().organization().ifPresent(name -> section.put("organization", text(name)));
        entry.account().project().ifPresent(name -> section.put("project", text(name)));
        return section;
    }

    private static Map<String, Object> plan(PlanEntry plan) {
        Map<String, Object> section = new LinkedHashMap<>();
        limits(section, plan.limits());
        section.put("cache", Values.wordOf(plan.cache()));
        standing(section, plan.standing());
        tags(section, plan.tags());
        return section;
    }

    /** All settings of a tenant, under the keys of the file. */
    static Map<String, Object> tenant(Tenant tenant) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("name", tenant.name());
        section.put("plan", tenant.plan());
        section.put("keys", list(tenant.keys().stream().map(EffectiveConfig::key).toList()));
        limits(section, tenant.limits());
        section.put("cache", Values.wordOf(tenant.caching()));
        standing(section, tenant.standing());
        tags(section, tenant.tags());
        section.put("shadow", tenant.shadow());
        section.put("models", list(tenant.models().stream().map(EffectiveConfig::text).toList()));
        section.put("endpoints", list(tenant.endpoints().stream().sorted().map(EndpointClass::key).toList()));
        section.put("accounts", list(tenant.accounts()));
        return section;
    }

    private static Object key(Tenant.Key key) {
        Optional<String> notAfter = key.notAfter().map(Object::toString);
        if (notAfter.isEmpty()) {
            return "sha256:" + key.digest().hex();
        }
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("sha256", key.digest().hex());
        section.put("not-after", notAfter.get());
        return section;
    }

    private static void limits(Map<String, Object> section, Limits limits) {
        limits(section, limits.overall());
        OptionalInt concurrent = limits.concurrent();
        if (concurrent.isPresent()) {
            section.put("concurrent", concurrent.getAsInt());
        }
        budgets(section, limits.budgets());
        if (!limits.perUser().isEmpty()) {
            Map<String, Object> perUser = new LinkedHashMap<>();
            limits(perUser, limits.perUser());
            section.put("per-user", perUser);
        }
        section.put("model-limits", byModel(limits.byModel()));
    }

    private static Map<String, Object> byModel(Map<ModelGlob, List<Limit>> limits) {
        Map<String, Object> byModel = new LinkedHashMap<>();
        for (Map.Entry<ModelGlob, List<Limit>> model : limits.entrySet()) {
            Map<String, Object> amounts = new LinkedHashMap<>();
            limits(amounts, model.getValue());
            byModel.put(model.getKey().pattern(), amounts);
        }
        return byModel;
    }

    private static void standing(Map<String, Object> section, Standing standing) {
        section.put("weight", standing.weight());
        section.put("max-wait", TypedText.of(standing.maxWait()));
        section.put("priority", Values.wordOf(standing.lane()));
    }

    private static void budgets(Map<String, Object> section, List<Budget> budgets) {
        budgets.forEach(
                budget -> section.put(budget.period().key(), Cost.dollars(budget.picodollars()).toPlainString()));
    }

    private static void tags(Map<String, Object> section, TagRules rules) {
        if (!rules.equals(TagRules.NONE)) {
            Map<String, Object> tags = new LinkedHashMap<>();
            tags.put("required", list(rules.required()));
            Map<String, Object> byTag = new LinkedHashMap<>();
            rules.budgets().forEach((tag, budgets) -> {
                Map<String, Object> amounts = new LinkedHashMap<>();
                budgets(amounts, budgets);
                byTag.put(tag, amounts);
            });
            tags.put("budgets", byTag);
            section.put("tags", tags);
        }
    }

    private static void limits(Map<String, Object> section, List<Limit> limits) {
        limits.forEach(limit -> section.put(limit.kind().key(), limit.amount()));
    }

    private static Map<String, Object> cache(AnswerCache.Settings cache) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("mode", Values.wordOf(cache.mode()));
        section.put("ttl", TypedText.of(cache.ttl()));
        section.put("max-size", TypedText.of(cache.maxSizeBytes()));
        section.put("max-entry", TypedText.of(cache.maxEntryBytes()));
        section.put("scope", Values.wordOf(cache.scope()));
        section.put("hits-count", cache.hitsCount());
        return section;
    }

    private static Map<String, Object> queue(Scheduler.Settings queue) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("max-wait", TypedText.of(queue.maxWait()));
        section.put("max-waiting", queue.maxWaiting());
        section.put("batch-share", percent(queue.batchShare()));
        return section;
    }

    private static Map<String, Object> drain(Drain.Settings drain) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("delay", TypedText.of(drain.delay()));
        section.put("grace", TypedText.of(drain.grace()));
        section.put("idle", TypedText.of(drain.idle()));
        return section;
    }

    private static Map<String, Object> redis(RedisSettings redis) {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("url", String.join(",", redis.addresses().stream().map(EffectiveConfig::text).toList()));
        section.put("mode", redis.mode().getClass().getSimpleName().toLowerCase(Locale.ROOT));
        if (redis.mode() instanceof RedisSettings.Mode.Sentinel(String master)) {
            section.put("master", text(master));
        }
        redis.login().ifPresent(login -> {
            login.user().ifPresent(user -> section.put("user", text(user)));
            section.put("password", Redaction.MARK);
        });
        redis.caFile().ifPresent(file -> section.put("ca-file", text(file)));
        section.put("prefix", redis.prefix());
        section.put("timeout", TypedText.of(redis.timeout()));
        section.put("max-replicas", redis.maxReplicas());
        section.put("on-store-loss", Values.wordOf(redis.onLoss()));
        section.put("closed-accounts", list(redis.closed().stream().sorted().toList()));
        section.put("exact", list(redis.exact().stream().map(EffectiveConfig::exact).sorted().toList()));
        return section;
    }

    private static String exact(RedisSettings.ExactLimit limit) {
        return limit.tenant().map(tenant -> tenant + "/").orElse("") + limit.kind().key();
    }

    private static Map<String, Object> prices(PriceEntry entry) {
        Map<String, Object> section = new LinkedHashMap<>();
        Map<String, Object> tiers = new LinkedHashMap<>();
        entry.tiers().forEach((tier, dollars) -> {
            Map<String, Object> prices = new LinkedHashMap<>();
            dollars.forEach((item, price) -> prices.put(item.key(), price.toPlainString()));
            if (tier.equals(ModelPrice.DEFAULT)) {
                section.putAll(prices);
            } else {
                tiers.put(tier, prices);
            }
        });
        section.put("tiers", tiers);
        return section;
    }

    private static String percent(double share) {
        return BigDecimal.valueOf(share * 100).setScale(6, RoundingMode.HALF_UP).stripTrailingZeros().toPlainString()
                + "%";
    }

    /** A copy, so that no list object appears twice: the second would be written as an alias of the first. */
    private static List<Object> list(List<?> items) {
        return new ArrayList<>(items);
    }

    /** Escaped for a file in which <code>${</code> starts a variable. */
    private static String text(Object value) {
        return value.toString().replace("${", "$${");
    }
}
