package sluice.litellm;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Teams and keys as tenants. LiteLLM's database keeps the SHA-256 of each key, as ours does, so callers keep their keys.
 *
 * <p>A team is a tenant with all its keys, except for a key that may call fewer models: it is a tenant of its own, with
 * the smaller of its own limits and the team's.
 */
final class Tenants {
    /** A plan without limits: what a team is not given, it has not got. */
    static final String PLAN = "litellm";

    /** Whom LiteLLM takes for the user of keys that the master key makes. */
    private static final String ADMIN = "default_user_id";

    private final ModelNames models;
    private final Accounts accounts;
    private final boolean shadow;
    private final Notes notes;
    private final List<Object> entries = new ArrayList<>();
    private final Names names;
    private final Keys keys;
    private final Grants grants;
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
        this.grants = new Grants(models, notes);
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
        if (keys.isBlocked(whose, given) || keys.isClosed(whose, given)) {
            return;
        }
        Grant grant = grants.of(given);
        grants.note(whose, given, grant);
        if (grant.isEmpty()) {
            return;
        }
        Terms terms = Terms.of(whose, given, grant, models, notes);
        Dropped.note(whose, given, notes);
        List<Object> shared = new ArrayList<>();
        List<Fields> narrower = new ArrayList<>();
        for (Fields key : team.keys()) {
            if (!grant.reach().isWithin(grants.of(key, grant).reach())) {
                narrower.add(key);
            } else {
                keys.entry(keyOf(whose, key), key).ifPresent(digest -> {
                    shared.add(digest);
                    noteShared(whose, key);
                });
            }
        }
        if (!shared.isEmpty()) {
            write(whose, team.alias(), terms, grant.reach(), shared);
            noteMerged(whose, given);
        } else if (narrower.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "no key that can be used",
                    whose);
        }
        List<Apart> apart = narrower.stream().flatMap(key -> narrower(team, key, grant).stream()).toList();
        if (shared.isEmpty()) {
            noteDissolved(whose, terms, apart);
        } else {
            apart.forEach(each -> notes.add(Notes.Kind.TO_DO,
                    "tenants of their own, since these keys may call fewer models"
                            + " than their team; their limits and budgets are apart from the team's, so lower either if the sum is"
                            + " too much",
                    each.name(), each.whose()));
        }
    }

    /** A tenant that a key of a team has become. */
    private record Apart(String name, String whose, Terms terms) {}

    /** Of a team whose keys are all tenants of their own, what they may use together. */
    private void noteDissolved(String whose, Terms terms, List<Apart> apart) {
        if (apart.isEmpty()) {
            return;
        }
        Stream<String> sums = terms.amounts().entrySet().stream().map(limit -> limit.getKey() + " "
                + apart.stream().map(each -> each.terms().amounts().get(limit.getKey())).filter(Objects::nonNull)
                        .reduce(BigDecimal.ZERO, BigDecimal::add).toPlainString()
                + " in total, " + limit.getValue().toPlainString() + " for the team");
        notes.add(Notes.Kind.TO_DO,
                "every key of these teams may call fewer models than the team, so each is a tenant of its"
                        + " own; lower their limits and budgets if the sum is too much",
                whose,
                Stream.concat(apart.stream().map(Apart::name), sums).toArray(String[]::new));
    }

    private static String keyOf(String whose, Fields key) {
        return "key " + Roster.alias(key) + " of " + whose;
    }

    private Optional<Apart> narrower(Roster.Team team, Fields key, Grant granted) {
        String whose = keyOf("team " + team.alias(), key);
        if (keys.isBlocked(whose, key) || keys.isClosed(whose, key)) {
            return Optional.empty();
        }
        Grant own = grants.of(key, granted);
        grants.note(whose, key, own);
        if (own.isEmpty()) {
            return Optional.empty();
        }
        Grant both = granted.both(own);
        if (both.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "no model that both the key and its team may call", whose);
            return Optional.empty();
        }
        Optional<Object> digest = keys.entry(whose, key);
        if (digest.isEmpty()) {
            return Optional.empty();
        }
        Notes saidOfTheTeam = new Notes();
        Terms smaller = Terms.of(whose, team.given(), both, models, saidOfTheTeam)
                .and(Terms.of(whose, key, both, models, notes));
        String name = write(whose, team.alias() + "-" + Roster.alias(key), smaller, both.reach(),
                List.of(digest.get()));
        noteMerged(whose, key);
        noteAliases(whose, key);
        Dropped.note(whose, key, notes);
        return Optional.of(new Apart(name, whose, smaller));
    }

    private void alone(Fields key) {
        String alias = Roster.alias(key);
        String whose = "key " + alias;
        if (keys.isBlocked(whose, key) || keys.isClosed(whose, key)) {
            return;
        }
        Grant grant = grants.of(key);
        grants.note(whose, key, grant);
        if (grant.isEmpty()) {
            return;
        }
        Terms terms = Terms.of(whose, key, grant, models, notes);
        keys.entry(whose, key).ifPresent(digest -> {
            write(whose, alias, terms, grant.reach(), List.of(digest));
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
        if (terms.budgeted()) {
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
            notes.add(Notes.Kind.TO_DO,
                    "a call for these models may go to an account LiteLLM would not use for it, because"
                            + " the tenant uses it for other models; make two tenants if it must not",
                    whose,
                    strays.toArray(String[]::new));
        }
        Set<String> lacking = accounts.lacking(ordered.getFirst(), allowed.patterns());
        if (!lacking.isEmpty()) {
            notes.add(Notes.Kind.CALLERS,
                    "responses of the Responses API are stored at a tenant's first account; for models"
                            + " that it does not serve, callers of that API must say `store: false`",
                    whose,
                    lacking.toArray(String[]::new));
        }
    }
}
