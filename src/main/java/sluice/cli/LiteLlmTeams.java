package sluice.cli;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Teams and keys, as LiteLLM's proxy lists them, as tenants. Its database keeps the SHA-256 of each key, as ours does, so
 * callers keep their keys.
 */
final class LiteLlmTeams {
    /** A plan without limits: what a team is not given, it has not got. */
    static final String PLAN = "litellm";

    private static final Set<String> EVERY_MODEL = Set.of("all-proxy-models", "all-team-models", "*", "openai/*");
    private static final List<Words> LIMITS = List.of(new Words("rpm_limit", "rpm"), new Words("tpm_limit", "tpm"),
            new Words("tpd_limit", "tpd"), new Words("max_parallel_requests", "concurrent"));
    private static final List<Words> BY_MODEL = List.of(new Words("model_rpm_limit", "rpm"),
            new Words("model_tpm_limit", "tpm"));
    private static final List<String> OF_A_KEY = List.of("rpm_limit", "tpm_limit", "tpd_limit", "max_parallel_requests",
            "max_budget", "models");
    private static final Set<String> DAY = Set.of("1d", "24h");
    private static final Set<String> MONTH = Set.of("1mo", "28d", "29d", "30d", "31d");
    private static final int LONGEST_NAME = 64;

    /** What LiteLLM calls a setting, and what we call it. */
    private record Words(String theirs, String ours) {}

    private final Map<String, String> models;
    private final Map<String, Set<String>> served;
    private final Consumer<String> note;
    private final List<Object> tenants = new ArrayList<>();
    private final Set<String> names = new LinkedHashSet<>(Set.of("other"));
    private final Set<String> teams = new LinkedHashSet<>();

    /**
     * @param models their name of each model that an account serves, and ours
     * @param served the models of each account
     * @param note   takes what remains to be done by hand
     */
    LiteLlmTeams(Map<String, String> models, Map<String, Set<String>> served, Consumer<String> note) {
        this.models = models;
        this.served = served;
        this.note = note;
    }

    /** The tenants, in the form of the configuration. */
    List<Object> tenants() {
        return List.copyOf(tenants);
    }

    /** Adds the teams that {@code GET /team/list} answers, with their keys. */
    void teams(@Nullable Object answer) {
        for (Map<String, Object> team : listed(answer, "teams")) {
            teams.add(LiteLlm.text(team.get("team_id")));
            String alias = first(team, "team_alias", "team_id");
            tenant("team " + alias, alias, team, listed(team.get("keys"), "keys"));
        }
    }

    /** Adds the keys without a team that {@code GET /key/list?return_full_object=true} answers, each as a tenant. */
    void keys(@Nullable Object answer) {
        for (Map<String, Object> key : listed(answer, "keys")) {
            if (!teams.contains(LiteLlm.text(key.get("team_id")))) {
                String token = LiteLlm.text(key.get("token"));
                String alias = key.containsKey("key_alias")
                        ? LiteLlm.text(key.get("key_alias"))
                        : "key-" + token.substring(0, Math.min(8, token.length()));
                tenant("key " + alias, alias, key, List.of(key));
            }
        }
    }

    private static List<Map<String, Object>> listed(@Nullable Object answer, String under) {
        Object list = answer instanceof Map<?, ?> map ? map.get(under) : answer;
        return list instanceof List<?> items ? items.stream().map(LiteLlm::map).toList() : List.of();
    }

    private void tenant(String what, String alias, Map<String, Object> given, List<Map<String, Object>> itsKeys) {
        if (isBlocked(given)) {
            note.accept(what + ": blocked, and left out");
            return;
        }
        List<Object> keys = new ArrayList<>();
        boolean team = given.containsKey("keys");
        itsKeys.forEach(key -> key(what, team, key).ifPresent(keys::add));
        Optional<List<String>> allowed = allowed(what, given.get("models"));
        if (keys.isEmpty() || allowed.isEmpty()) {
            note.accept(
                    what + ": left out, since it has no " + (keys.isEmpty() ? "key" : "model that an account serves"));
            return;
        }
        Map<String, Object> tenant = new LinkedHashMap<>();
        tenant.put("name", name(alias));
        tenant.put("plan", PLAN);
        LIMITS.forEach(words -> LiteLlm.number(given.get(words.theirs())).filter(LiteLlmTeams::isLimit)
                .ifPresent(limit -> tenant.put(words.ours(), LiteLlm.plain(limit))));
        budget(what, given, tenant);
        Map<String, Object> byModel = byModel(LiteLlm.map(given.get("metadata")));
        if (!byModel.isEmpty()) {
            tenant.put("model-limits", byModel);
        }
        if (!allowed.get().isEmpty()) {
            tenant.put("models", allowed.get());
        }
        List<String> accounts = accounts(what, allowed.get());
        if (accounts.size() < served.size()) {
            tenant.put("accounts", accounts);
        }
        tenant.put("keys", keys);
        tenants.add(tenant);
    }

    private static String first(Map<String, Object> given, String name, String otherwise) {
        return LiteLlm.text(given.containsKey(name) ? given.get(name) : given.get(otherwise));
    }

    private static boolean isBlocked(Map<String, Object> given) {
        return Boolean.TRUE.equals(given.get("blocked"));
    }

    private static boolean isLimit(BigDecimal limit) {
        return limit.signum() > 0;
    }

    private Optional<Object> key(String what, boolean ofTeam, Map<String, Object> key) {
        String token = LiteLlm.text(key.get("token")).toLowerCase(Locale.ROOT);
        String called = what + ", key " + first(key, "key_alias", "key_name");
        if (!token.matches("[0-9a-f]{64}")) {
            note.accept(called + ": without the hash of its key; make a new one with `sluice key`");
            return Optional.empty();
        }
        if (isBlocked(key)) {
            note.accept(called + ": blocked, and left out");
            return Optional.empty();
        }
        if (ofTeam) {
            Set<String> own = new TreeSet<>();
            OF_A_KEY.stream().filter(name -> key.get(name) instanceof List<?>
                    ? !EVERY_MODEL.containsAll(texts(key.get(name)))
                    : key.containsKey(name)).forEach(own::add);
            if (!own.isEmpty()) {
                note.accept(called + ": own " + String.join(", ", own)
                        + ": not carried over, since all keys of a tenant share its limits. Give it a tenant of its own");
            }
        }
        return Optional.of(end(key).<Object>map(end -> ended(token, end)).orElse("sha256:" + token));
    }

    private static Map<String, Object> ended(String token, String end) {
        Map<String, Object> key = new LinkedHashMap<>();
        key.put("sha256", token);
        key.put("not-after", end);
        return key;
    }

    private Optional<String> end(Map<String, Object> key) {
        String expires = LiteLlm.text(key.get("expires"));
        try {
            return expires.isEmpty()
                    ? Optional.empty()
                    : Optional.of((expires.matches(".*(Z|[+-]\\d\\d:?\\d\\d)")
                            ? OffsetDateTime.parse(expires).toInstant()
                            : LocalDateTime.parse(expires).toInstant(ZoneOffset.UTC)).toString());
        } catch (DateTimeException unreadable) {
            note.accept("key " + LiteLlm.text(key.get("key_alias")) + ": expires: " + expires
                    + " is no time; set not-after");
            return Optional.empty();
        }
    }

    /** The models it may call by our names: empty for all of them, nothing if there would be none. */
    private Optional<List<String>> allowed(String what, @Nullable Object given) {
        List<String> theirs = texts(given);
        if (theirs.isEmpty() || theirs.stream().anyMatch(EVERY_MODEL::contains)) {
            return Optional.of(List.of());
        }
        Set<String> ours = new LinkedHashSet<>();
        for (String name : theirs) {
            String model = models.get(name);
            if (model == null) {
                note.accept(what + ": models: no account serves " + name);
            } else {
                ours.add(model);
            }
        }
        return ours.isEmpty() ? Optional.empty() : Optional.of(List.copyOf(ours));
    }

    /** The accounts that serve each of these models; all accounts, with a note, if there is none. */
    private List<String> accounts(String what, List<String> allowed) {
        Set<String> wanted = allowed.isEmpty() ? Set.copyOf(models.values()) : Set.copyOf(allowed);
        List<String> able = served.entrySet().stream().filter(account -> account.getValue().containsAll(wanted))
                .map(Map.Entry::getKey).toList();
        if (able.isEmpty()) {
            note.accept(
                    what + ": no account serves all of its models: split it, so that each tenant has `accounts` that"
                            + " serve all of its `models`");
            return List.copyOf(served.keySet());
        }
        return able;
    }

    private void budget(String what, Map<String, Object> given, Map<String, Object> tenant) {
        LiteLlm.number(given.get("max_budget")).ifPresent(dollars -> {
            String lasts = LiteLlm.text(given.get("budget_duration"));
            if (DAY.contains(lasts)) {
                tenant.put("usd-per-day", LiteLlm.plain(dollars));
            } else if (MONTH.contains(lasts)) {
                tenant.put("usd-per-month", LiteLlm.plain(dollars));
            } else {
                note.accept(what + ": max_budget of " + dollars.toPlainString() + " dollars "
                        + (lasts.isEmpty() ? "for good" : "per " + lasts)
                        + " is not carried over; budgets are by day and month: set usd-per-day or usd-per-month");
            }
        });
    }

    private Map<String, Object> byModel(Map<String, Object> metadata) {
        Map<String, Map<String, Object>> limits = new LinkedHashMap<>();
        for (Words words : BY_MODEL) {
            LiteLlm.map(metadata.get(words.theirs())).forEach((model, limit) -> LiteLlm.number(limit)
                    .filter(LiteLlmTeams::isLimit).ifPresent(amount -> limits
                            .computeIfAbsent(models.getOrDefault(model, model), fresh -> new LinkedHashMap<>())
                            .put(words.ours(), LiteLlm.plain(amount))));
        }
        return new LinkedHashMap<>(limits);
    }

    /** A tenant's name: lower case, and nothing but letters, digits, dots, dashes and underscores. */
    private String name(String alias) {
        String plain = alias.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9._-]+", "-").replaceAll("^[._-]+|-+$", "");
        String base = plain.isEmpty() ? "team" : plain.substring(0, Math.min(plain.length(), LONGEST_NAME - 4));
        String name = base;
        for (int number = 2; !names.add(name); number++) {
            name = base + "-" + number;
        }
        return name;
    }

    private static List<String> texts(@Nullable Object value) {
        return value instanceof List<?> list ? list.stream().map(String::valueOf).toList() : List.of();
    }
}
