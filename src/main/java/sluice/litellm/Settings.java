package sluice.litellm;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The sections of LiteLLM's file other than its models. */
final class Settings {
    private static final int MOST_ATTEMPTS = 10;
    private static final String REPORTS = "use traces.otlp-endpoint, metrics and the access log";
    private static final String BREAKER = "upstream.breaker decides when calls pause, and for how long";
    private static final String CHOICE = "accounts back each other up for the same model; the caller chooses the model";
    private static final String BUDGETS = "give each tenant usd-per-day or usd-per-month";
    private static final String CONCURRENT = "give each tenant `concurrent`";
    static final String NOTHING = "no counterpart";
    private static final String NETWORKS = "`from` of a tenant or a plan says which networks it must call from";
    private static final String ROUTES = "routes of other providers do not exist here";
    private static final String ENDPOINTS = "`endpoints` of a tenant or a plan say which classes of routes it may call";
    private static final String LATER = "tenants and keys that are made later get their limits from their plan";
    private static final String FORMAT = "logs are always JSON";
    static final String CERTIFICATES = "ssl_verify";
    private static final String CALL_TYPES = "supported_call_types";

    /** The longest that answers of models without a date in their names are kept if no policy of a model says more. */
    private static final BigDecimal LONGEST_UNDATED = new BigDecimal(600);

    /** Those without which somebody may do more than before. */
    private static final Set<String> FIRST = Set.of(NETWORKS, ModelList.TAGS, ENDPOINTS);
    private static final String TOKENS = "callers with tokens of an OpenID Connect issuer are tenants by identity.issuers (docs/identity.md)";
    private static final String KEY_HEADER = "litellm_key_header_name";

    /** What there is instead of a setting, whichever section it is in. */
    private static final Map<String, String> INSTEAD = Map.ofEntries(Map.entry("fallbacks", CHOICE),
            Map.entry("context_window_fallbacks", CHOICE), Map.entry("content_policy_fallbacks", CHOICE),
            Map.entry("default_fallbacks", CHOICE),
            Map.entry("routing_strategy", "a call goes to the account expected to answer soonest"),
            Map.entry("callbacks", REPORTS), Map.entry("success_callback", REPORTS),
            Map.entry("failure_callback", REPORTS), Map.entry("service_callbacks", REPORTS),
            Map.entry("alerting", "use deploy/prometheus"), Map.entry("alerting_threshold", "use deploy/prometheus"),
            Map.entry("max_budget", BUDGETS), Map.entry("budget_duration", BUDGETS),
            Map.entry("provider_budget_config", BUDGETS), Map.entry("default_team_settings", REPORTS),
            Map.entry("default_internal_user_params", LATER), Map.entry("default_team_params", LATER),
            Map.entry("default_key_generate_params", LATER), Map.entry("upperbound_key_generate_params", LATER),
            Map.entry("max_internal_user_budget", "tenants have `per-user` limits, but no budgets of users"),
            Map.entry("max_end_user_budget", "tenants have `per-user` limits, but no budgets of users"),
            Map.entry("tag_budget_config", "tags.budgets of a plan or a tenant"),
            Map.entry("enable_tag_filtering", ModelList.TAGS), Map.entry("allowed_ips", NETWORKS),
            Map.entry("allowed_routes", ENDPOINTS), Map.entry("pass_through_endpoints", ROUTES),
            Map.entry("max_request_size_mb", "listen.max-body bounds JSON bodies; uploads are streamed"),
            Map.entry("enforce_user_param", "calls need not name a user; tags.required asks for tags"),
            Map.entry("service_account_settings", "calls need not name a user; tags.required asks for tags"),
            Map.entry("max_parallel_requests", CONCURRENT), Map.entry("global_max_parallel_requests", CONCURRENT),
            Map.entry("allowed_fails", BREAKER), Map.entry("allowed_fails_policy", BREAKER),
            Map.entry("cooldown_time", BREAKER), Map.entry("disable_cooldowns", BREAKER),
            Map.entry("retry_policy", "upstream.retries holds for all models"),
            Map.entry("json_logs", FORMAT), Map.entry("stream_timeout", ModelList.TIMEOUTS),
            Map.entry("drop_params", "requests pass unchanged"), Map.entry("modify_params", "requests pass unchanged"),
            Map.entry("guardrails", "Sluice does not read prompts"), Map.entry("enable_jwt_auth", TOKENS),
            Map.entry("litellm_jwtauth", TOKENS), Map.entry("custom_auth", TOKENS));

    private static final Set<String> MAPPED = Set.of("cache", "cache_params", "num_retries", "request_timeout",
            "timeout", "redis_host", "redis_port", "redis_password", "redis_url", "redis_db", "redis_ssl",
            "cache_kwargs", "master_key", "model_group_alias",
            "model_alias_map", "timezone", CERTIFICATES);
    private static final Set<String> OF_CACHE = Set.of("type", "mode", "ttl", CALL_TYPES);
    private static final Set<String> SECTIONS = Set.of("model_list", "litellm_settings", "router_settings",
            "general_settings", "credential_list", "include", "environment_variables");

    private final Fields file;
    private final Fields library;
    private final Fields router;
    private final Fields general;
    private final Variables variables;
    private final Notes notes;

    Settings(Fields file, Variables variables, Notes notes) {
        this.file = file;
        this.library = file.in("litellm_settings");
        this.router = file.in("router_settings");
        this.general = file.in("general_settings");
        this.variables = variables;
        this.notes = notes;
    }

    /** The admin listener's token, if there is a master key. */
    Optional<Map<String, Object>> admin() {
        String key = general.text("master_key");
        if (key.isEmpty()) {
            return Optional.empty();
        }
        String token = variables.secret("general_settings.master_key", key, "", "SLUICE_ADMIN_TOKEN");
        notes.add(Notes.Kind.TO_DO, "admin.token must have at least 16 characters: make a new one if " + token
                + " is shorter");
        return Optional.of(Map.of("token", token));
    }

    /** Timeouts and retries. */
    Map<String, Object> upstream() {
        Map<String, Object> upstream = new LinkedHashMap<>();
        timeout().ifPresent(seconds -> upstream.put("timeouts", Map.of("first-byte", Amounts.duration(seconds))));
        Amounts.known("num_retries", "router_settings", router.or(library), notes)
                .ifPresent(retries -> upstream.put("retries",
                        Map.of("attempts", Math.clamp(retries.longValue() + 1, 1, MOST_ATTEMPTS))));
        return upstream;
    }

    /** The router's timeout, or else the one of all calls. Theirs bounds a call as a whole. */
    private Optional<BigDecimal> timeout() {
        Optional<BigDecimal> timeout = Optional.empty();
        for (Timeout each : List.of(new Timeout("router_settings", router, "timeout"),
                new Timeout("litellm_settings", library, "request_timeout"),
                new Timeout("general_settings", general, "request_timeout"))) {
            Optional<BigDecimal> seconds = Amounts.known(each.field(), each.section(), each.given(), notes)
                    .filter(number -> number.signum() > 0);
            if (seconds.isPresent()) {
                notes.add(Notes.Kind.DROPPED, timeout.isPresent()
                        ? "not used, since upstream.timeouts.first-byte has another timeout"
                        : "LiteLLM's timeout bounds a whole call, upstream.timeouts.first-byte the time until its response"
                                + " begins",
                        each.section(), each.field() + " " + seconds.get().toPlainString());
            }
            timeout = timeout.or(() -> seconds);
        }
        return timeout;
    }

    /** A timeout in seconds, and where it is. */
    private record Timeout(String section, Fields given, String field) {}

    /** Budgets' days and months, if the file says where they begin. */
    Optional<Map<String, Object>> budgets() {
        String zone = library.text("timezone");
        if (zone.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Map.of("time-zone", ZoneId.of(zone).getId()));
        } catch (DateTimeException unknown) {
            notes.add(Notes.Kind.TO_DO, "set budgets.time-zone: there is no such zone", "litellm_settings",
                    "timezone " + zone);
            return Optional.empty();
        }
    }

    /** Notes that certificates are not verified there, or by others. */
    static void noteCertificates(String whose, Fields given, Notes notes) {
        if (!given.isTrue(CERTIFICATES)) {
            notes.add(Notes.Kind.TO_DO,
                    "certificates are always verified; upstream.ca-file names those to trust instead of"
                            + " the platform's",
                    whose, CERTIFICATES + " " + given.text(CERTIFICATES));
        }
    }

    /** The cache; off unless it is on there. A cache in Redis is the second tier. */
    Map<String, Object> cache() {
        Map<String, Object> cache = new LinkedHashMap<>();
        Fields parameters = library.in("cache_params");
        boolean ofNoCalls = parameters.has(CALL_TYPES) && parameters.list(CALL_TYPES).isEmpty();
        if (!library.isTrue("cache") || ofNoCalls) {
            cache.put("mode", "off");
            return cache;
        }
        boolean byRequest = parameters.text("mode").equals("default_off");
        cache.put("mode", byRequest ? "off" : "identical");
        if (byRequest) {
            notes.add(Notes.Kind.TO_DO, "the cache is off, since LiteLLM uses it only for calls that ask for it: set"
                    + " `cache: identical` for the tenants that do", "cache_params", "mode default_off");
        }
        Amounts.known("ttl", "cache_params", parameters, notes).ifPresent(ttl -> keepFor(ttl, cache));
        String type = parameters.text("type");
        if (type.equals("redis")) {
            Map<String, Object> redis = new RedisServers("cache_params", "", parameters, "CACHE_REDIS_PASSWORD")
                    .entry(variables, notes);
            redis.put("keys", List.of(Variables.reference("SLUICE_CACHE_KEY")));
            cache.put("redis", redis);
            notes.add(Notes.Kind.TO_DO, "put a key that encrypts cached responses into SLUICE_CACHE_KEY: openssl rand"
                    + " -base64 32. The cache's Redis should evict (allkeys-lru), that of `redis` must not: better two");
        } else if (!type.isEmpty() && !type.equals("local")) {
            notes.add(Notes.Kind.DROPPED, "the cache is in memory, and holds for identical calls only", "cache_params",
                    "type " + type);
        }
        if (parameters.says(CALL_TYPES)) {
            notes.add(Notes.Kind.DROPPED, "the cache answers every kind of call; `cache.models` narrows it",
                    "cache_params", CALL_TYPES);
        }
        if (!type.equals("redis")) {
            parameters.names().stream().filter(name -> !OF_CACHE.contains(name) && parameters.says(name))
                    .forEach(name -> notes.add(Notes.Kind.DROPPED, NOTHING, "cache_params", name));
        }
        return cache;
    }

    /** For longer than an undated model's answers usually are, a policy for all models says so. */
    private static void keepFor(BigDecimal seconds, Map<String, Object> cache) {
        String duration = Amounts.duration(seconds);
        cache.put("ttl", duration);
        if (seconds.compareTo(LONGEST_UNDATED) > 0) {
            cache.put("models", Map.of("*", Map.of("ttl", duration)));
        }
    }

    /** The Redis through which replicas share limits: the router's, or else the cache's, as at LiteLLM. */
    Optional<Map<String, Object>> redis() {
        Fields parameters = library.in("cache_params");
        boolean cached = library.isTrue("cache") && parameters.text("type").equals("redis");
        RedisServers routed = RedisServers.ofRouter(router);
        if (!routed.isGiven() && !cached) {
            return Optional.empty();
        }
        notes.add(Notes.Kind.TO_DO,
                "with `redis`, usage reports and budgets need a PostgreSQL database that all replicas"
                        + " share, not LiteLLM's: ledger.url");
        return Optional
                .of((routed.isGiven() ? routed : new RedisServers("cache_params", "", parameters, "REDIS_PASSWORD"))
                        .entry(variables, notes));
    }

    /** Notes what is left of the file. */
    void noteRest() {
        rest("litellm_settings", library);
        rest("router_settings", router);
        rest("general_settings", general);
        if (general.isTrue("store_model_in_db")) {
            notes.add(Notes.Kind.TO_DO,
                    "general_settings.store_model_in_db: models added in LiteLLM's console are not in"
                            + " this file; compare with what GET /model/info lists");
        }
        if (general.says(KEY_HEADER)) {
            notes.add(Notes.Kind.CALLERS, "keys come in `Authorization: Bearer`, not in a header of another name",
                    general.text(KEY_HEADER));
        }
        file.in("environment_variables").names().stream().filter(variables::isNamed).forEach(name -> notes
                .add(Notes.Kind.TO_DO, "set these yourself; LiteLLM's file sets them in environment_variables", name));
        file.names().stream().filter(name -> !SECTIONS.contains(name) && !name.startsWith("x-"))
                .forEach(name -> notes.add(Notes.Kind.DROPPED, INSTEAD.getOrDefault(name, NOTHING), name));
    }

    private void rest(String section, Fields settings) {
        if (settings.has(CERTIFICATES)) {
            noteCertificates(section, settings, notes);
        }
        settings.names().stream().filter(name -> !MAPPED.contains(name) && !name.equals("store_model_in_db"))
                .filter(name -> !name.equals("database_url") && !name.equals(KEY_HEADER)).filter(settings::says)
                .forEach(name -> {
                    String instead = INSTEAD.getOrDefault(name, NOTHING);
                    notes.add(FIRST.contains(instead) ? Notes.Kind.TO_DO : Notes.Kind.DROPPED, instead, section, name);
                });
    }
}
