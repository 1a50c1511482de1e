package sluice.litellm;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads what teams and keys may call, and tells what changes for them. */
final class Grants {
    /** In a list of models: none. */
    private static final String NONE = "no-default-models";

    private final ModelNames models;
    private final Notes notes;

    Grants(ModelNames models, Notes notes) {
        this.models = models;
        this.notes = notes;
    }

    /** What a team or a key without one may call, without a word about it. A model with a limit of 0 is none of them. */
    Grant of(Fields given) {
        return of(given, teamAliases(given));
    }

    /** What a key of a team may call by its own lists. */
    Grant of(Fields key, Grant team) {
        return of(key, team.aliases());
    }

    private Grant of(Fields given, Map<String, String> ofTeam) {
        Map<String, String> aliases = aliases(given.in("aliases"));
        aliases.putAll(ofTeam);
        Set<String> names = given.texts("models").stream().map(name -> aliases.getOrDefault(name, name))
                .collect(Collectors.toCollection(LinkedHashSet::new));
        if (!ModelNames.isEvery(names)) {
            names.addAll(teamAliases(given).values());
        }
        Set<String> closed = closed(given, aliases);
        if (closed.isEmpty()) {
            return new Grant(List.of(names), aliases, models.reach(names));
        }
        Set<String> open = models.expanded(names);
        open.removeAll(closed);
        return new Grant(List.of(open), aliases, open.isEmpty() ? Reach.NOTHING : models.reach(open));
    }

    private static Set<String> closed(Fields given, Map<String, String> aliases) {
        return ModelLimits.closed(given).stream().map(name -> aliases.getOrDefault(name, name))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static Map<String, String> teamAliases(Fields given) {
        return aliases(given.in("litellm_model_table").in("model_aliases"));
    }

    private static Map<String, String> aliases(Fields given) {
        Map<String, String> aliases = new LinkedHashMap<>();
        given.names().forEach(alias -> aliases.put(alias, given.text(alias)));
        return aliases;
    }

    /** Notes what callers must change, and what they lose. */
    void note(String whose, Fields given, Grant grant) {
        Set<String> theirs = given.texts("models");
        Set<String> closed = closed(given, grant.aliases());
        if (grant.isEmpty() && !closed.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "no model without a limit of 0", whose, closed.toArray(String[]::new));
            return;
        }
        noteClosed(whose, theirs, closed, grant);
        List<String> missing = theirs.stream().filter(name -> !name.equals(NONE))
                .filter(name -> models.ours(grant.resolved(name)).isEmpty()).toList();
        if (grant.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "no model that an account serves", whose, missing.toArray(String[]::new));
            return;
        }
        missing.forEach(name -> notes.add(Notes.Kind.LEFT_OUT, "models that no account serves", whose, name));
        if (!ModelNames.isEvery(theirs)) {
            List<String> plain = theirs.stream().filter(name -> !grant.aliases().containsKey(name)).toList();
            models.changes(plain).forEach(change -> notes.add(Notes.Kind.CALLERS, whose + " must ask for", change));
            notePatterns(whose, theirs, grant);
        } else if (!models.changes().isEmpty()) {
            notes.add(Notes.Kind.CALLERS, "teams that may call every model may use any of the names above", whose);
        }
        teamAliases(given).forEach((alias, target) -> noteAlias(whose, alias, models.ours(target)));
    }

    private void noteAlias(String whose, String alias, Set<String> ours) {
        if (ours.isEmpty()) {
            notes.add(Notes.Kind.LEFT_OUT, "models that no account serves", whose, alias);
        } else if (!ours.contains(alias)) {
            notes.add(Notes.Kind.CALLERS, whose + " must ask for", String.join(" or ", ours) + " instead of " + alias);
        }
    }

    private void noteClosed(String whose, Collection<String> theirs, Set<String> closed, Grant grant) {
        closed.stream().filter(name -> models.allows(theirs, name) || grant.aliases().containsValue(name))
                .forEach(name -> {
                    if (models.reach(name).both(grant.reach()).isEmpty()) {
                        notes.add(Notes.Kind.LEFT_OUT,
                                "models with a limit of 0, so left out of the tenant's `models`",
                                whose, name);
                    } else {
                        notes.add(Notes.Kind.TO_DO,
                                "a limit of 0 cannot be set, and another name or a pattern allows the"
                                        + " model: take it out of `models`",
                                whose, name);
                    }
                });
    }

    private void notePatterns(String whose, Collection<String> theirs, Grant grant) {
        List<String> patterns = theirs.stream().filter(name -> name.contains("*")).toList();
        if (models.isOpenAi(patterns)) {
            notes.add(Notes.Kind.DROPPED,
                    "`models` has patterns for OpenAI's current model families; add one when a new family"
                            + " appears",
                    whose);
        }
        patterns.stream().flatMap(pattern -> models.hidden(pattern).stream())
                .filter(name -> grant.reach().of(name).isEmpty())
                .forEach(name -> notes.add(Notes.Kind.LEFT_OUT,
                        "models that may no longer be called, since their names mean"
                                + " something else in LiteLLM",
                        whose, name));
    }
}
