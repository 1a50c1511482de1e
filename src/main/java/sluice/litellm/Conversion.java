package sluice.litellm;

import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;
import org.snakeyaml.engine.v2.schema.CoreSchema;
import sluice.openai.ModelGlob;

/** A LiteLLM proxy's configuration as one of ours. Secrets in plain text are not copied; variables take their place. */
public final class Conversion {
    private static final Pattern KEY = Pattern.compile("(?m)\\bsha256: ?([0-9a-f]{64})$");

    private final Map<String, Object> config = new LinkedHashMap<>();
    private final Notes notes = new Notes();
    private final Variables variables;
    private final OpenAiModels openAi = new OpenAiModels();
    private final Fields file;
    private final boolean listed;
    private final int accounts;
    private final Optional<Trial> trial;
    private int keys;
    private Map<String, String> keyNames = Map.of();

    private Conversion(@Nullable Object root, Callers callers, Use use) throws UnusableAnswer {
        this.variables = new Variables(root, notes);
        this.file = Fields.of(root);
        this.listed = root instanceof Map<?, ?> sections && sections.containsKey("model_list");
        List<Deployment> deployments = new ModelList(variables, notes).read(file);
        Map<String, String> aliases = ModelNames.aliases(file);
        Accounts made = new Accounts(deployments, aliases.keySet(), openAi, notes);
        this.accounts = made.size();
        ModelNames models = new ModelNames(deployments, made, aliases, openAi);
        Settings settings = new Settings(file, variables, notes);
        settings.admin().ifPresent(admin -> config.put("admin", admin));
        Map<String, Object> upstream = settings.upstream();
        upstream.put("accounts", made.entries());
        config.put("upstream", upstream);
        config.put("cache", settings.cache());
        settings.budgets().ifPresent(budgets -> config.put("budgets", budgets));
        settings.redis().ifPresent(redis -> config.put("redis", redis));
        PriceTable prices = new PriceTable(deployments, openAi, notes);
        if (!prices.entries().isEmpty()) {
            config.put("prices", prices.entries());
        }
        noteNames(models);
        noteUnpriced(deployments, prices, tenants(models, made, callers, use.shadow()));
        settings.noteRest();
        trial = use.trial().map(at -> Trial.of(config, at));
    }

    /**
     * Who calls, as the proxy lists them.
     *
     * @param teams  files with its responses to {@code GET /team/list}; none if they are not at hand
     * @param keys   files with its responses to {@code GET /key/list?return_full_object=true}
     */
    public record Callers(List<Answer> teams, List<Answer> keys) {}

    /**
     * What the result is for.
     *
     * @param shadow whether tenants' limits are counted without refusing
     * @param trial  if it is to be tried first
     */
    public record Use(boolean shadow, Optional<TrialAt> trial) {
        /** To be used as it is. */
        public static final Use PRODUCTION = new Use(false, Optional.empty());
    }

    /**
     * Where a trial takes place, on this machine.
     *
     * @param standIn   the base URL of the stand-in for OpenAI
     * @param port      where the gateway listens for callers
     * @param adminPort where its admin listener is
     */
    public record TrialAt(URI standIn, int port, int adminPort) {}

    /**
     * A file with an answer of the proxy.
     *
     * @param name for messages
     */
    public record Answer(String name, String text) {}

    /**
     * Converts a parsed file.
     *
     * @throws UnusableAnswer if a file with teams or keys holds something else, or not all of them
     */
    public static Conversion of(@Nullable Object root, Callers callers, Use use) throws UnusableAnswer {
        return new Conversion(root, callers, use);
    }

    private Set<String> tenants(ModelNames models, Accounts accounts, Callers callers, boolean shadow)
            throws UnusableAnswer {
        List<Fields> teams = Answers.teams(callers.teams());
        List<Fields> listed = Answers.keys(callers.keys());
        Tenants tenants = new Tenants(models, accounts, shadow, notes);
        tenants.add(new Roster(teams, listed, !callers.teams().isEmpty(), notes));
        if (!callers.teams().isEmpty() && callers.keys().isEmpty()) {
            notes.add(Notes.Kind.TO_DO, "keys without a team are in GET /key/list only, and so are those that the list"
                    + " of teams lacks: give it with --keys");
        }
        if (callers.teams().isEmpty() && callers.keys().isEmpty()) {
            notes.add(Notes.Kind.TO_DO, "LiteLLM keeps teams and keys in its database: save its responses to GET"
                    + " /team/list and GET /key/list, and give them with --teams and --keys");
        }
        if (!tenants.entries().isEmpty()) {
            config.put("plans", Map.of(Tenants.PLAN, Map.of()));
            config.put("tenants", tenants.entries());
        }
        keys = tenants.keyCount();
        keyNames = tenants.keyNames();
        return tenants.budgeted();
    }

    private void noteNames(ModelNames models) {
        if (!models.changes().isEmpty()) {
            notes.add(Notes.Kind.CALLERS, "models keep their names here; ask for", String.join(", ", models.changes()));
        }
        models.split()
                .forEach((group, names) -> notes.add(Notes.Kind.TO_DO, "deployments of one model_name have different"
                        + " names at their servers, so calls are not spread over them; give them one name", group,
                        names.toArray(String[]::new)));
    }

    private void noteUnpriced(List<Deployment> deployments, PriceTable prices, Set<String> budgeted) {
        List<ModelGlob> globs = budgeted.stream().map(ModelGlob::new).toList();
        Set<String> unpriced = deployments.stream().filter(each -> !each.isWildcard()).map(Deployment::model)
                .filter(model -> ModelGlob.anyMatches(globs, model) && !prices.has(model))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!unpriced.isEmpty()) {
            notes.add(Notes.Kind.TO_DO,
                    "these models have no price, so tenants with a budget are refused them: add them"
                            + " to `prices`, or set budgets.unpriced",
                    String.join(", ", unpriced));
        }
    }

    /** Why there are no accounts, and what is left out. */
    public List<String> missing() {
        List<String> lines = new ArrayList<>(List.of(reason()));
        notes.of(Notes.Kind.LEFT_OUT).forEach(line -> lines.add("- " + line));
        return lines;
    }

    private String reason() {
        if (file.names().isEmpty() && !listed) {
            return "holds nothing, where the proxy's config.yaml is expected";
        }
        if (!listed && !file.has("general_settings") && !file.has("litellm_settings")) {
            return "is no config.yaml of a LiteLLM proxy: it has no model_list, but "
                    + String.join(", ", file.names().stream().limit(5).toList());
        }
        return file.list("model_list").isEmpty()
                ? "model_list has no models; those added in LiteLLM's console are in GET /model/info: write them into it"
                : "model_list has no model that an OpenAI-compatible server serves";
    }

    /** How many accounts there are. */
    public int accounts() {
        return accounts;
    }

    /** What there is, in a line. */
    public String summary() {
        int tenants = config.get("tenants") instanceof List<?> list ? list.size() : 0;
        return accounts + (accounts == 1 ? " account, " : " accounts, ") + tenants
                + (tenants == 1 ? " tenant" : " tenants") + " with " + keys + (keys == 1 ? " key" : " keys");
    }

    /** What remains to be done by hand, and what is lost: headings, each with its lines below. For a trial, how to. */
    public List<String> notes() {
        List<String> lines = new ArrayList<>();
        if (trial.isPresent()) {
            return trial.get().notes();
        }
        for (Notes.Kind kind : Notes.Kind.values()) {
            if (!notes.of(kind).isEmpty()) {
                lines.add(kind.heading() + ":");
                notes.of(kind).forEach(line -> lines.add("- " + line));
            }
        }
        return lines;
    }

    /** Our keys have no names, so a comment keeps theirs. */
    private String named(MatchResult key) {
        String name = keyNames.getOrDefault(key.group(1), "").replaceAll("[\\p{C}\\p{Zl}\\p{Zp}]", " ").strip();
        return Matcher.quoteReplacement(name.isEmpty() ? key.group() : key.group() + "  # " + name);
    }

    /** The configuration as YAML. */
    public String yaml() {
        DumpSettings layout = DumpSettings.builder().setSchema(new CoreSchema()).setDefaultFlowStyle(FlowStyle.BLOCK)
                .setIndent(2).setIndicatorIndent(2).setIndentWithIndicator(true).setSplitLines(false).build();
        String converted = "# Converted from a LiteLLM proxy's configuration.\n"
                + KEY.matcher(new Dump(layout).dumpToString(config)).replaceAll(this::named);
        return config.containsKey("tenants") ? converted : converted + """

                # Callers. Make a key for each with `sluice key NAME`:
                #tenants:
                #  - name: support-bot
                #    plan: paid
                #    keys: ["sha256:…"]
                """;
    }
}
