package sluice.litellm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Teams and keys as tenants. LiteLLM's database keeps the SHA-256 of each key, as ours does, so callers keep their keys.
 *
 * <p>A team is a tenant with all its keys, except for a key that may call fewer models: it is a tenant of its own, with
 * the smaller of its own limits and the team's.
 */
final class Tenants {
    /** A plan without limits: what a team is not given, it has not got. */
    static final String PLAN = "litellm";

    /** In a list of models: none. */
    private static final String NONE = "no-default-models";

    /** Whom LiteLLM takes for the user of keys that the master key makes. */
    private static final String ADMIN = "default_user_id";

    private final ModelNames models;
    private final Accounts accounts;
    private final boolean shadow;
    private final Notes notes;
    private final List<Object> entries = new ArrayList<>();
    private final Names names;
    private final Keys keys;
    private final Set<String> budgeted = new LinkedHashSet<>();
    private final Map<String, String> keyNames = new HashMap<>();
    private int keyCount;

    /** @param shadow whether limits are counted without refusing */
    Tenants(ModelNames models, Accounts accounts, boolean shadow, Notes notes) {
        this.models = models;
        this.accounts = accounts;
        this.shadow = shadow;
        this.notes = notes;
        this.names = new Names(notes);
        this.keys = new Keys(notes);
    }

    /** As the configuration has them. */
    List<Object> entries() {
        return List.copyOf(entries);
    }

    int keyCount() {
        return keyCount;
    }

    /** What people call the keys, by digest; those without a name are missing. */
    Map<String, String> keyNames() {
        return keyNames;
    }

    /** The models that tenants with a budget may call, as patterns. */
    Set<String> budgeted() {
        return budgeted;
    }

    void add(Roster roster) {
        roster.keys().filter(key -> key.says("key_alias"))
                .forEach(key -> keyNames.put(key.text("token").toLowerCase(Locale.ROOT), key.text("key_alias")));
        roster.teams().forEach(this::team);
        roster.alone().forEach(this::alone);
    }

    private void team(Roster.Team team) {
        String whose = "team " + team.alias();
        Fields given = team.given();
        if (keys.isBlocked(whose, given)) {
            return;
        }
        Reach allowed = allowed(whose, given);
        Terms terms = Terms.of(whose, given, models, notes);
        if (allowed.isEmpty() || isClosed(whose, terms)) {
            return;
        }
        Dropped.note(whose, given, notes);
        List<Object> shared = new ArrayList<>();
        List<Fields> narrower = new ArrayList<>();
        for (Fields key : team.keys()) {
            if (isNarrower(key, allowed)) {
                narrower.add(key);
            } else {
                keys.entry(keyOf(whose, key), key).ifPresent(digest -> {
                    shared.add(digest);
                    noteShared(whose, key);
                });
            }
        }
        if (!shared.isEmpty()) {
            write(whose, team.alias(), terms, allowed, shared);
            noteMerged(whose, given);
        } else if (narrower.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "no key that can be used",
                    whose);
        }
        narrower.forEach(key -> narrower(team, key, allowed, terms));
    }

    private static String keyOf(String whose, Fields key) {
        return "key " + Roster.alias(key) + " of " + whose;
    }

    /** Whether a key may call less than its team. */
    private boolean isNarrower(Fields key, Reach allowed) {
        Set<String> own = key.texts("models");
        return !ModelNames.isEvery(own) && !allowed.isWithin(models.reach(own));
    }

    private void narrower(Roster.Team team, Fields key, Reach allowed, Terms terms) {
        String whose = keyOf("team " + team.alias(), key);
        Reach own = allowed(whose, key);
        Reach both = allowed.both(own);
        if (own.isEmpty()) {
            return;
        }
        if (both.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "no model that both the key and its team may call", whose);
            return;
        }
        Terms smaller = terms.and(Terms.of(whose, key, models, notes));
        if (keys.isBlocked(whose, key) || isClosed(whose, smaller)) {
            return;
        }
        keys.entry(whose, key).ifPresent(digest -> {
            String name = write(whose, team.alias() + "-" + Roster.alias(key), smaller, both, List.of(digest));
            notes.add(Notes.Kind.TO_DO, "tenants of their own, since these keys may call fewer models than their team;"
                    + " their limits and budgets are apart from the team's, so lower either if the sum is too much",
                    name);
            noteMerged(whose, key);
            Dropped.note(whose, key, notes);
        });
    }

    private void alone(Fields key) {
        String alias = Roster.alias(key);
        String whose = "key " + alias;
        if (keys.isBlocked(whose, key)) {
            return;
        }
        Reach allowed = allowed(whose, key);
        Terms terms = Terms.of(whose, key, models, notes);
        if (allowed.isEmpty() || isClosed(whose, terms)) {
            return;
        }
        keys.entry(whose, key).ifPresent(digest -> {
            write(whose, alias, terms, allowed, List.of(digest));
            noteMerged(whose, key);
            noteUser(whose, key);
            noteAliases(whose, key);
            Dropped.note(whose, key, notes);
        });
    }

    /** What a key that shares its team's tenant loses. */
    private void noteShared(String whose, Fields key) {
        String named = keyOf(whose, key);
        List<String> own = Terms.said(key);
        if (!own.isEmpty()) {
            notes.add(Notes.Kind.DROPPED, "own limits of keys that share their team's tenant, and so its limits; give a"
                    + " key a tenant of its own if it must be held to them", named, own.toArray(String[]::new));
        }
        noteAliases(named, key);
        Dropped.note(named, key, notes);
    }

    /** A key that says nothing of its own may do what its user may. */
    private void noteUser(String whose, Fields key) {
        String user = key.text("user_id");
        if (key.texts("models").isEmpty() && !user.isEmpty() && !user.equals(ADMIN)) {
            notes.add(Notes.Kind.TO_DO, "these keys are limited by their user in LiteLLM, and by nothing here: give"
                    + " their tenants the user's `models`, limits and budget (GET /user/info)", whose, user);
        }
    }

    /** Accounts that LiteLLM tells apart by name, and that we cannot. */
    private void noteMerged(String whose, Fields given) {
        models.merged(given.texts("models")).forEach((model, names) -> notes.add(Notes.Kind.TO_DO,
                "LiteLLM sends these names of one model to different accounts, while here a call for the model goes to"
                        + " any of them; give the deployments names of their own, or each account its tenant",
                whose, model + " for " + String.join(" and ", names)));
    }

    private void noteAliases(String whose, Fields key) {
        Fields aliases = key.in("aliases");
        aliases.names().forEach(alias -> notes.add(Notes.Kind.CALLERS, "models have no aliases here", whose,
                aliases.text(alias) + " instead of " + alias));
    }

    private boolean isClosed(String whose, Terms terms) {
        if (terms.closed()) {
            notes.add(Notes.Kind.LEFT_OUT, "a limit or budget of 0, so LiteLLM refuses every call", whose);
        }
        return terms.closed();
    }

    /** Our patterns for the models it may call; none, with a note, if no account serves one. */
    private Reach allowed(String whose, Fields given) {
        Set<String> theirs = given.texts("models");
        Fields aliases = given.in("litellm_model_table").in("model_aliases");
        Reach allowed = models.reach(theirs);
        if (!ModelNames.isEvery(theirs)) {
            allowed = aliases.names().stream().map(alias -> models.reach(aliases.text(alias))).reduce(allowed,
                    Reach::and);
            theirs.stream().filter(name -> !name.equals(NONE) && models.ours(name).isEmpty()).forEach(
                    name -> notes.add(Notes.Kind.LEFT_OUT, "models that no account serves", whose, name));
            models.changes(theirs).forEach(change -> notes.add(Notes.Kind.CALLERS, whose + " must ask for", change));
        } else if (!models.changes().isEmpty()) {
            notes.add(Notes.Kind.CALLERS, "teams that may call every model may use any of the names above", whose);
        }
        aliases.names().forEach(alias -> {
            Set<String> ours = models.ours(aliases.text(alias));
            if (ours.isEmpty()) {
                notes.add(Notes.Kind.LEFT_OUT, "models that no account serves", whose, alias);
            } else {
                notes.add(Notes.Kind.CALLERS, whose + " must ask for",
                        String.join(" or ", ours) + " instead of " + alias);
            }
        });
        if (allowed.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "no model that an account serves", whose);
        }
        return allowed;
    }

    private String write(String whose, String alias, Terms terms, Reach allowed, List<Object> digests) {
        Map<String, Object> tenant = new LinkedHashMap<>();
        String name = names.of(whose, alias);
        tenant.put("name", name);
        tenant.put("plan", PLAN);
        if (shadow) {
            tenant.put("shadow", true);
        }
        terms.into(tenant);
        if (!allowed.patterns().contains("*")) {
            tenant.put("models", List.copyOf(allowed.fewest()));
        }
        home(whose, allowed, tenant);
        tenant.put("keys", digests);
        entries.add(tenant);
        keyCount += digests.size();
        if (terms.hasBudget()) {
            budgeted.addAll(allowed.patterns());
        }
        return name;
    }

    /**
     * The accounts that LiteLLM asks for its models, if we would ask others too. What a tenant stores lives at the first
     * of them, so that is the one that serves most of its models.
     */
    private void home(String whose, Reach allowed, Map<String, Object> tenant) {
        List<String> serving = accounts.serving(allowed.patterns());
        if (serving.isEmpty()) {
            return;
        }
        List<String> chosen = accounts.strays(allowed, serving).isEmpty()
                ? serving
                : accounts.names().stream().filter(allowed.all()::contains).toList();
        List<String> ordered = accounts.homeFirst(chosen, allowed.patterns());
        boolean narrowed = !chosen.equals(serving);
        if (narrowed || !ordered.getFirst().equals(accounts.names().getFirst())) {
            tenant.put("accounts", ordered);
        }
        Set<String> strays = accounts.strays(allowed, chosen);
        if (!strays.isEmpty()) {
            notes.add(Notes.Kind.TO_DO, "a call for these models may go to an account that LiteLLM does not ask, since"
                    + " the tenant has it for others; make two tenants if it must not", whose,
                    strays.toArray(String[]::new));
        }
        Set<String> lacking = accounts.lacking(ordered.getFirst(), allowed.patterns());
        if (!lacking.isEmpty()) {
            notes.add(Notes.Kind.CALLERS,
                    "answers of the Responses API are stored at a tenant's first account; for models"
                            + " that it does not serve, callers of that API must say `store: false`",
                    whose,
                    lacking.toArray(String[]::new));
        }
    }
}
