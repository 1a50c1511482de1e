package sluice.litellm;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Reads {@code model_list}. */
final class ModelList {
    private static final String ELSEWHERE = "the provider has no OpenAI-compatible API here; keep LiteLLM for it";

    /** Fields of {@code litellm_params} that say where a deployment is and what it costs. */
    private static final Set<String> MAPPED = Set.of("model", "custom_llm_provider", "api_key", "api_base", "base_url",
            "organization", "rpm", "tpm", "litellm_credential_name", "api_version", "api_type", "base_model",
            "input_cost_per_token", "output_cost_per_token", "cache_read_input_token_cost",
            "cache_creation_input_token_cost");

    /** Fields of an entry. */
    private static final Set<String> ENTRY = Set.of("model_name", "litellm_params", "model_info", "rpm", "tpm");

    static final String TIMEOUTS = "one upstream.timeouts.first-byte holds for all models; raise it if calls to these take longer";
    private static final String ROUTING = "a call goes to the account expected to answer soonest, of those that serve its model";
    private static final String PASSED = "requests pass unchanged, without what LiteLLM adds or removes; callers send it themselves";
    private static final String ENTRA = "an account has an API key; these deployments log in through Entra ID: give each a key";
    private static final String BUDGETS = "budgets belong to tenants: usd-per-day, usd-per-month";
    static final String TAGS = "deployments are not chosen by tags; a tenant's `accounts` say where its calls may go";
    private static final Set<String> FIRST = Set.of(ENTRA, TAGS);

    /** What to do instead of other fields; those not named here are sent with each request by LiteLLM. */
    private static final Map<String, String> INSTEAD = Map.ofEntries(Map.entry("timeout", TIMEOUTS),
            Map.entry("stream_timeout", TIMEOUTS), Map.entry("max_retries", "upstream.retries holds for all models"),
            Map.entry("num_retries", "upstream.retries holds for all models"), Map.entry("weight", ROUTING),
            Map.entry("order", ROUTING), Map.entry("tags", TAGS), Map.entry("cooldown_time", ROUTING),
            Map.entry("max_parallel_requests", "accounts have no limit of calls in flight; tenants have `concurrent`"),
            Map.entry("azure_ad_token", ENTRA), Map.entry("tenant_id", ENTRA), Map.entry("client_id", ENTRA),
            Map.entry("client_secret", ENTRA), Map.entry("azure_username", ENTRA), Map.entry("azure_password", ENTRA),
            Map.entry("max_budget", BUDGETS), Map.entry("budget_duration", BUDGETS));

    /** Those whose value tells what is lost; none can be a secret. */
    private static final Set<String> SHOWN = Set.of("timeout", "stream_timeout", "weight", "order", "max_retries",
            "num_retries", "max_parallel_requests", "temperature", "top_p", "max_tokens", "max_completion_tokens");

    private static final BigDecimal MOST = new BigDecimal(1_000_000_000);

    private final Variables variables;
    private final AccountKeys keys;
    private final Notes notes;
    private final Map<String, Fields> credentials = new LinkedHashMap<>();

    ModelList(Variables variables, Notes notes) {
        this.variables = variables;
        this.keys = new AccountKeys(variables, notes);
        this.notes = notes;
    }

    /** The deployments that can be converted; the others are noted. */
    List<Deployment> read(Fields file) {
        file.objects("credential_list").forEach(
                each -> credentials.put(each.text("credential_name"), each.in("credential_values")));
        List<Deployment> read = new ArrayList<>();
        file.objects("model_list").forEach(entry -> deployment(entry).ifPresent(read::add));
        return read;
    }

    private Optional<Deployment> deployment(Fields entry) {
        Fields given = entry.in("litellm_params");
        Fields parameters = given
                .or(credentials.getOrDefault(given.text("litellm_credential_name"), Fields.of(null)));
        String full = parameters.text("model");
        String name = entry.text("model_name");
        String prefix = full.contains("/") ? full.substring(0, full.indexOf('/')) : "";
        String address = parameters.first("api_base", "base_url");
        Optional<Provider> provider = provider(parameters.text("custom_llm_provider"), prefix, full, address);
        if (full.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "entries of model_list without litellm_params.model",
                    name.isEmpty() ? "one without a name" : name);
            return Optional.empty();
        }
        if (provider.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, ELSEWHERE, name.isEmpty() ? "a model without a name" : name, full);
            return Optional.empty();
        }
        Provider known = provider.get();
        boolean prefixed = prefix.toLowerCase(Locale.ROOT).equals(known.name());
        String model = known.bare(prefixed ? full.substring(prefix.length() + 1) : full);
        String group = name.isEmpty() ? model : name;
        entry.names().stream().filter(field -> !ENTRY.contains(field) && entry.says(field))
                .forEach(field -> notes.add(Notes.Kind.DROPPED, Settings.NOTHING, group, field));
        note(group, parameters, entry.in("model_info"));
        return Optional.of(new Deployment(group, known, model, place(group, known, parameters, address),
                limit("rpm", group, entry, parameters), limit("tpm", group, entry, parameters),
                parameters.or(entry.in("model_info"))));
    }

    /** A limit where LiteLLM looks for it: in the entry itself, in its parameters, in what it says of the model. */
    private long limit(String name, String group, Fields entry, Fields parameters) {
        Fields found = entry.or(parameters).or(entry.in("model_info"));
        Optional<BigDecimal> limit = Amounts.whole(name, group, found, notes);
        if (limit.isPresent() && limit.get().signum() <= 0) {
            notes.add(Notes.Kind.TO_DO,
                    "a deployment cannot have a limit of 0 or less: set what is granted, or take its model"
                            + " out of `serves`",
                    group, name + " " + found.text(name));
        }
        return limit.filter(number -> number.signum() > 0)
                .map(number -> Amounts.capped(number, MOST, name, group, notes).longValue()).orElse(0L);
    }

    /** As LiteLLM finds it: named, before the slash, or by the model's name. */
    private static Optional<Provider> provider(String named, String prefix, String full, String address) {
        if (!named.isEmpty()) {
            return Provider.of(named);
        }
        if (!prefix.isEmpty()) {
            return Provider.of(prefix);
        }
        return !address.isEmpty() || full.equals("*") || OpenAiModels.inFamily(full)
                ? Optional.of(Provider.OPENAI)
                : Optional.empty();
    }

    private Place place(String group, Provider provider, Fields parameters, String address) {
        boolean ownAddress = provider.isOpenAi() || provider.name().equals("custom_openai");
        String baseUrl = Place.baseUrl(provider, address.isEmpty() && !ownAddress
                ? Variables.reference(provider.addressVariable())
                : address);
        String organization = Variables.resolved(parameters.text("organization"));
        String key = variables.secret(group, parameters.text("api_key"), baseUrl, provider.keyVariable());
        return new Place(keys.of(group, key, baseUrl + "\n" + organization), baseUrl, organization, provider.isAzure());
    }

    private void note(String group, Fields parameters, Fields information) {
        for (String field : parameters.names()) {
            if (!MAPPED.contains(field) && !field.equals(Settings.CERTIFICATES) && parameters.says(field)) {
                String instead = INSTEAD.getOrDefault(field, PASSED);
                notes.add(FIRST.contains(instead) ? Notes.Kind.TO_DO : Notes.Kind.DROPPED, instead, group,
                        SHOWN.contains(field) ? field + " " + parameters.text(field) : field);
            }
        }
        if (parameters.has(Settings.CERTIFICATES)) {
            Settings.noteCertificates(group, parameters, notes);
        }
        if (information.says("team_id")) {
            notes.add(Notes.Kind.TO_DO,
                    "LiteLLM offers these to one team only, while an account serves all tenants: give the other"
                            + " tenants `models` without them",
                    group);
        }
    }
}
