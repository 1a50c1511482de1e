package sluice.cli;

import java.math.BigDecimal;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A LiteLLM proxy's configuration as one of ours. Deployments that share a key and a server share its quota, so together
 * they are one account. Secrets in plain text are not copied; variables take their place.
 */
final class LiteLlm {
    private static final String VARIABLE = "os.environ/";
    private static final BigDecimal MILLION = new BigDecimal(1_000_000);
    private static final int MOST_ATTEMPTS = 10;
    private static final Map<String, String> PRICES = Map.of("input_cost_per_token", "input", "output_cost_per_token",
            "output", "cache_read_input_token_cost", "cached-input");
    /** What has no counterpart, and what to do instead. */
    private static final Map<String, String> INSTEAD = Map.ofEntries(
            Map.entry("fallbacks",
                    "accounts back each other up for the same model; let the caller choose another model"),
            Map.entry("context_window_fallbacks", "let the caller choose another model"),
            Map.entry("routing_strategy", "calls always go to the account expected to answer soonest"),
            Map.entry("model_group_alias", "models keep their names; change the callers"),
            Map.entry("callbacks", "use traces.otlp-endpoint, metrics and the access log"),
            Map.entry("success_callback", "use traces.otlp-endpoint, metrics and the access log"),
            Map.entry("failure_callback", "use traces.otlp-endpoint, metrics and the access log"),
            Map.entry("database_url", "give the ledger a database of its own: ledger.url"),
            Map.entry("max_budget", "give each tenant usd-per-day or usd-per-month"),
            Map.entry("budget_duration", "budgets are by day and month"),
            Map.entry("allowed_fails", "upstream.breaker decides when calls pause"),
            Map.entry("cooldown_time", "upstream.breaker decides how long calls pause"),
            Map.entry("drop_params", "requests pass unchanged"));

    /** Whose quota a deployment uses. */
    private record Place(String key, String baseUrl, String organization, boolean azure) {}

    /** A model's limits; 0 if not given. */
    private record Rate(long rpm, long tpm) {}

    private final Map<String, Object> config = new LinkedHashMap<>();
    private final Map<Place, Map<String, Rate>> deployments = new LinkedHashMap<>();
    private final Map<String, Object> prices = new LinkedHashMap<>();
    private final Set<String> notes = new LinkedHashSet<>();
    private final Map<String, String> models = new LinkedHashMap<>();
    private final Map<String, Set<String>> served = new LinkedHashMap<>();
    private final Set<String> variables = new HashSet<>();

    private LiteLlm() {}

    /**
     * Converts a parsed file.
     *
     * @param teams what the proxy answers to {@code GET /team/list}, if that is at hand
     * @param keys  what it answers to {@code GET /key/list?return_full_object=true}, if that is at hand
     */
    static LiteLlm of(@Nullable Object root, @Nullable Object teams, @Nullable Object keys) {
        LiteLlm made = new LiteLlm();
        made.noteVariables(root);
        Map<String, Object> file = map(root);
        if (file.get("model_list") instanceof List<?> list) {
            list.forEach(each -> made.deployment(map(each)));
        }
        made.convert(map(file.get("litellm_settings")), map(file.get("router_settings")),
                map(file.get("general_settings")));
        made.callers(teams, keys);
        return made;
    }

    /** How many accounts there are. */
    int accounts() {
        return deployments.size();
    }

    /** What remains to be done by hand. */
    List<String> notes() {
        return List.copyOf(notes);
    }

    /** The configuration as YAML. */
    String yaml() {
        DumpSettings layout = DumpSettings.builder().setSchema(new CoreSchema()).setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndent(2).setIndicatorIndent(2).setIndentWithIndicator(true).setSplitLines(false).build();
        String converted = "# Converted from a LiteLLM proxy's configuration.\n"
                + new Dump(layout).dumpToString(config);
        return config.containsKey("tenants") ? converted : converted + """

                # Callers. Make a key for each with `sluice key NAME`:
                #tenants:
                #  - name: support-bot
                #    plan: paid
                #    keys: ["sha256:…"]
                """;
    }

    /** Names that the file gives to other secrets, which ours must not take. */
    private void noteVariables(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(this::noteVariables);
        } else if (value instanceof List<?> list) {
            list.forEach(this::noteVariables);
        } else if (value instanceof String text && text.startsWith(VARIABLE)) {
            variables.add(text.substring(VARIABLE.length()));
        }
    }

    private void deployment(Map<String, Object> entry) {
        Map<String, Object> parameters = map(entry.get("litellm_params"));
        String full = text(parameters.get("model"));
        String name = text(entry.get("model_name"));
        int slash = full.indexOf('/');
        String provider = slash < 0 ? "openai" : full.substring(0, slash).toLowerCase(Locale.ROOT);
        String model = full.substring(slash + 1);
        boolean azure = provider.equals("azure");
        String base = resolved(text(parameters.get("api_base")));
        if (model.isEmpty() || !Set.of("openai", "azure", "text-completion-openai", "hosted_vllm", "custom_openai")
                .contains(provider)) {
            notes.add("model_list: " + (name.isEmpty() ? "a model without a name" : name) + " (" + full
                    + "): the provider has no OpenAI-compatible API here; keep LiteLLM for it");
            return;
        }
        models.put(name.isEmpty() ? model : name, model);
        models.putIfAbsent(model, model);
        if (!name.isEmpty() && !name.equals(model)) {
            notes.add("model_list: " + name + ": models keep their names here; callers must ask for " + model);
        }
        Place place = new Place(secret("model_list: " + name + ": api_key", text(parameters.get("api_key")),
                "OPENAI_API_KEY"), azure ? base.replaceFirst("/+$", "") + "/openai/v1" : base,
                resolved(text(parameters.get("organization"))), azure);
        deployments.computeIfAbsent(place, fresh -> new LinkedHashMap<>()).merge(model,
                new Rate(whole(parameters.get("rpm")), whole(parameters.get("tpm"))),
                (one, other) -> new Rate(one.rpm() + other.rpm(), one.tpm() + other.tpm()));
        Map<String, Object> information = map(entry.get("model_info"));
        information.putAll(parameters);
        price(model, information);
    }

    private void price(String model, Map<String, Object> information) {
        Map<String, Object> price = new LinkedHashMap<>();
        PRICES.forEach((theirs, ours) -> number(information.get(theirs))
                .ifPresent(perToken -> price.put(ours, plain(perToken.multiply(MILLION)))));
        if (!price.isEmpty()) {
            prices.put(model, price);
        }
    }

    private void convert(Map<String, Object> library, Map<String, Object> router, Map<String, Object> general) {
        admin(general);
        Map<String, Object> upstream = new LinkedHashMap<>();
        first(router.get("timeout"), library.get("request_timeout"), general.get("request_timeout"))
                .ifPresent(seconds -> upstream.put("timeouts", Map.of("first-byte", duration(seconds))));
        first(router.get("num_retries"), library.get("num_retries")).ifPresent(retries -> upstream.put("retries",
                Map.of("attempts", Math.clamp(retries.longValue() + 1, 1, MOST_ATTEMPTS))));
        upstream.put("accounts", accountList());
        config.put("upstream", upstream);
        cache(library);
        redis(router, map(library.get("cache_params")));
        if (!prices.isEmpty()) {
            config.put("prices", prices);
        }
        instead("litellm_settings", library);
        instead("router_settings", router);
        instead("general_settings", general);
    }

    private void callers(@Nullable Object teams, @Nullable Object keys) {
        if (served.values().stream().distinct().count() > 1) {
            notes.add("upstream.accounts: they serve different models, and an account must serve every model that its"
                    + " tenants call: give each tenant the `accounts` that serve its `models`");
        }
        LiteLlmTeams callers = new LiteLlmTeams(models, served, notes::add);
        callers.teams(teams);
        callers.keys(keys);
        if (!callers.tenants().isEmpty()) {
            config.put("plans", Map.of(LiteLlmTeams.PLAN, Map.of()));
            config.put("tenants", callers.tenants());
        } else if (teams == null && keys == null) {
            notes.add(
                    "tenants: LiteLLM keeps teams and keys in its database. Save what it answers to GET /team/list and"
                            + " give it with --teams, or make a tenant for each team with `sluice key`");
        }
    }

    private void admin(Map<String, Object> general) {
        String key = text(general.get("master_key"));
        if (!key.isEmpty()) {
            config.put("admin", Map.of("token", secret("general_settings.master_key", key, "SLUICE_ADMIN_TOKEN")));
        }
    }

    private List<Object> accountList() {
        List<Object> accounts = new ArrayList<>();
        Set<String> names = new LinkedHashSet<>();
        deployments.forEach((place, models) -> {
            Map<String, Object> account = new LinkedHashMap<>();
            String name = unused(place, names);
            account.put("name", name);
            served.put(name, models.keySet());
            long rpm = sum(models.values().stream().map(Rate::rpm).toList());
            long tpm = sum(models.values().stream().map(Rate::tpm).toList());
            if (rpm > 0) {
                account.put("rpm", rpm);
            } else {
                account.put("tier", "free");
                notes.add("upstream.accounts: " + name
                        + ": set rpm and tpm to what OpenAI's console shows under Limits; until then it is 100 rpm");
            }
            if (tpm > 0) {
                account.put("tpm", tpm);
            }
            Map<String, Object> limits = new LinkedHashMap<>();
            models.forEach((model, rate) -> limit(limits, model, rate));
            if (!limits.isEmpty()) {
                account.put("models", limits);
            }
            account.put("keys", List.of(place.key()));
            if (!place.baseUrl().isEmpty()) {
                account.put("base-url", place.baseUrl());
            }
            if (place.azure()) {
                account.put("key-header", "api-key");
            }
            if (!place.organization().isEmpty()) {
                account.put("organization", place.organization());
            }
            accounts.add(account);
        });
        return accounts;
    }

    private static void limit(Map<String, Object> limits, String model, Rate rate) {
        Map<String, Object> limit = new LinkedHashMap<>();
        if (rate.rpm() > 0) {
            limit.put("rpm", rate.rpm());
        }
        if (rate.tpm() > 0) {
            limit.put("tpm", rate.tpm());
        }
        if (!limit.isEmpty()) {
            limits.put(model, limit);
        }
    }

    /** The sum, if none is unlimited; else 0. */
    private static long sum(List<Long> limits) {
        return limits.contains(0L) ? 0 : limits.stream().mapToLong(Long::longValue).sum();
    }

    private void cache(Map<String, Object> library) {
        Map<String, Object> cache = new LinkedHashMap<>();
        if (Boolean.TRUE.equals(library.get("cache"))) {
            cache.put("mode", "identical");
            number(map(library.get("cache_params")).get("ttl")).ifPresent(ttl -> cache.put("ttl", duration(ttl)));
        } else {
            cache.put("mode", "off");
        }
        config.put("cache", cache);
    }

    private void redis(Map<String, Object> router, Map<String, Object> cache) {
        boolean cached = "redis".equals(cache.get("type"));
        String host = resolved(text(router.getOrDefault("redis_host", cached ? cache.get("host") : null)));
        if (host.isEmpty()) {
            return;
        }
        Object port = router.getOrDefault("redis_port", cached ? cache.get("port") : null);
        String password = text(router.getOrDefault("redis_password", cached ? cache.get("password") : null));
        Map<String, Object> redis = new LinkedHashMap<>();
        redis.put("url", "redis://" + host + ":" + (port == null ? "6379" : resolved(text(port))));
        if (!password.isEmpty()) {
            redis.put("password", secret("router_settings.redis_password", password, "REDIS_PASSWORD"));
        }
        config.put("redis", redis);
        notes.add("redis: limits are shared through it, the cache is not; usage reports then need ledger.url to be a"
                + " PostgreSQL database");
    }

    private void instead(String section, Map<String, Object> settings) {
        settings.keySet().stream().filter(INSTEAD::containsKey)
                .forEach(key -> notes.add(section + "." + key + ": no counterpart; " + INSTEAD.get(key)));
        Set<String> known = Set.of("cache", "cache_params", "num_retries", "request_timeout", "timeout", "redis_host",
                "redis_port", "redis_password", "master_key");
        settings.keySet().stream().filter(key -> !INSTEAD.containsKey(key) && !known.contains(key))
                .forEach(key -> notes.add(section + "." + key + ": no counterpart"));
    }

    /** A secret as a variable: the file's own, or one whose name the notes tell. */
    private String secret(String where, String value, String name) {
        if (value.startsWith(VARIABLE)) {
            return resolved(value);
        }
        String variable = name;
        for (int number = 2; !variables.add(variable); number++) {
            variable = name + "_" + number;
        }
        notes.add(where + (value.isEmpty() ? " is missing" : " is in plain text and was not copied") + ": put it into "
                + variable);
        return "${" + variable + "}";
    }

    private static String resolved(String value) {
        return value.startsWith(VARIABLE) ? "${" + value.substring(VARIABLE.length()) + "}" : value;
    }

    /** A name for an account: its host's, and a number if that is taken. */
    private static String unused(Place place, Set<String> names) {
        String host = place.azure() ? "azure" : "openai";
        try {
            String of = place.baseUrl().isEmpty() ? null : URI.create(place.baseUrl()).getHost();
            host = of == null ? host : of.toLowerCase(Locale.ROOT);
        } catch (IllegalArgumentException variable) {
            // The address is in a variable: nothing is known of it here.
        }
        String name = host;
        for (int number = 2; !names.add(name); number++) {
            name = host + "-" + number;
        }
        return name;
    }

    private static String duration(BigDecimal seconds) {
        BigDecimal millis = seconds.multiply(new BigDecimal(1000));
        return isWhole(seconds) ? seconds.longValue() + "s" : millis.longValue() + "ms";
    }

    /** A number that YAML writes without a tag. */
    static Object plain(BigDecimal number) {
        return isWhole(number)
                ? (Object) number.longValue()
                : new BigDecimal(number.stripTrailingZeros().toPlainString());
    }

    private static boolean isWhole(BigDecimal number) {
        return number.stripTrailingZeros().scale() <= 0;
    }

    private static Optional<BigDecimal> first(@Nullable Object... values) {
        for (Object value : values) {
            Optional<BigDecimal> number = number(value);
            if (number.isPresent()) {
                return number;
            }
        }
        return Optional.empty();
    }

    static Optional<BigDecimal> number(@Nullable Object value) {
        try {
            return value == null ? Optional.empty() : Optional.of(new BigDecimal(value.toString()));
        } catch (NumberFormatException notOne) {
            return Optional.empty();
        }
    }

    private static long whole(@Nullable Object value) {
        return number(value).map(BigDecimal::longValue).orElse(0L);
    }

    static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    static Map<String, Object> map(@Nullable Object value) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> given) {
            given.forEach((key, each) -> {
                if (each != null) {
                    map.put(String.valueOf(key), each);
                }
            });
        }
        return map;
    }
}
