package sluice.litellm;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.openai.ModelGlob;

/**
 * What callers of LiteLLM name, in our words: a group, an alias, an access group, a pattern, or a model that a wildcard
 * deployment passes on. Servers are asked for the name that callers give, so ours are the servers' names.
 */
final class ModelNames {
    private static final Set<String> WORDS_FOR_EVERY = Set.of("all-proxy-models", "all-team-models", "all-org-models",
            "*");

    private final List<Deployment> deployments;
    private final Accounts accounts;
    private final Map<String, String> aliases;

    /** @param aliases further names of groups, with the groups */
    ModelNames(List<Deployment> deployments, Accounts accounts, Map<String, String> aliases) {
        this.deployments = deployments;
        this.accounts = accounts;
        this.aliases = aliases;
    }

    /** The further names that {@code model_group_alias} gives to groups. */
    static Map<String, String> aliases(Fields router) {
        Map<String, String> aliases = new LinkedHashMap<>();
        Fields given = router.in("model_group_alias");
        given.names().forEach(alias -> {
            String inside = given.in(alias).text("model");
            aliases.put(alias, inside.isEmpty() ? given.text(alias) : inside);
        });
        return aliases;
    }

    /** Whether a list of theirs allows every model: an empty one does. */
    static boolean isEvery(Collection<String> theirs) {
        return theirs.isEmpty() || theirs.stream().anyMatch(WORDS_FOR_EVERY::contains);
    }

    /** Where a list of theirs leads; nowhere if no account serves any of it. */
    Reach reach(Collection<String> theirs) {
        if (isEvery(theirs)) {
            return accounts.everywhere();
        }
        Reach reach = theirs.stream().map(this::reach).reduce(Reach.NOTHING, Reach::and);
        List<ModelGlob> globs = reach.patterns().stream().map(ModelGlob::new).toList();
        boolean open = theirs.stream().anyMatch(name -> name.contains("*"))
                && accounts.everything().stream().allMatch(served -> ModelGlob.anyMatches(globs, served))
                && accounts.strays(reach, accounts.names()).isEmpty();
        return open ? accounts.everywhere() : reach;
    }

    /** Where a name of theirs leads; nowhere if no account serves it. */
    Reach reach(String theirs) {
        if (isEvery(List.of(theirs))) {
            return accounts.everywhere();
        }
        List<Deployment> named = deployments.stream()
                .filter(each -> each.group().equals(theirs) || each.accessGroups().contains(theirs)).toList();
        if (!named.isEmpty()) {
            return named.stream().map(accounts::reach).reduce(Reach.NOTHING, Reach::and);
        }
        if (aliases.containsKey(theirs) && !aliases.get(theirs).equals(theirs)) {
            return reach(aliases.get(theirs));
        }
        return theirs.contains("*") ? matching(theirs) : passedOn(theirs);
    }

    /** Our patterns for a name of theirs; none if no account serves it. */
    Set<String> ours(String theirs) {
        return reach(theirs).patterns();
    }

    /** What a pattern in a list of theirs allows. */
    private Reach matching(String pattern) {
        ModelGlob theirs = new ModelGlob(pattern);
        Reach reach = Reach.NOTHING;
        for (Deployment each : deployments) {
            String full = each.provider().name() + "/" + each.model();
            if (theirs.matches(each.group()) || theirs.matches(full)) {
                reach = reach.and(accounts.reach(each));
            } else if (each.isWildcard() && passes(each, bare(pattern, each))) {
                reach = reach.and(accounts.reach(each, Set.of(bare(pattern, each))));
            }
        }
        return reach;
    }

    /** OpenAI's names have no slash: a prefix that is still there is another provider's. */
    private static boolean passes(Deployment deployment, String bare) {
        return new ModelGlob(deployment.model()).matches(bare) && !(deployment.isOpenAi() && bare.contains("/"));
    }

    /** A name that is no group but that servers know, or that wildcard deployments pass on. */
    private Reach passedOn(String name) {
        Reach reach = Reach.NOTHING;
        for (Deployment each : deployments) {
            String bare = bare(name, each);
            List<ModelGlob> served = accounts.passed(each).stream().map(ModelGlob::new).toList();
            if (ModelGlob.anyMatches(served, bare) && (reach.isEmpty() || reach.patterns().contains(bare))) {
                reach = reach.and(accounts.reach(each, Set.of(bare)));
            }
        }
        return reach;
    }

    /** A name without the prefix that tells LiteLLM the provider. */
    private static String bare(String name, Deployment deployment) {
        String prefix = deployment.provider().name() + "/";
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }

    /** What callers who may use these names of theirs must ask for: {@code OURS instead of THEIRS}. */
    List<String> changes(Collection<String> theirs) {
        Set<String> changes = new LinkedHashSet<>();
        theirs.forEach(name -> change(name, changes));
        return List.copyOf(changes);
    }

    /** What callers who may use every model must ask for. */
    List<String> changes() {
        Set<String> names = new LinkedHashSet<>();
        deployments.forEach(each -> names.add(each.group()));
        names.addAll(aliases.keySet());
        return changes(names);
    }

    private void change(String name, Set<String> changes) {
        List<Deployment> members = deployments.stream().filter(each -> each.accessGroups().contains(name)).toList();
        if (!members.isEmpty()) {
            members.forEach(each -> change(each.group(), changes));
        } else if (name.endsWith("/*") && !ours(name).isEmpty()) {
            changes.add("NAME instead of " + name.substring(0, name.lastIndexOf('/')) + "/NAME");
        } else if (!name.contains("*") && !isEvery(List.of(name))) {
            Set<String> ours = ours(name);
            if (!ours.isEmpty() && !ours.contains(name)) {
                changes.add(String.join(" or ", ours) + " instead of " + name);
            }
        }
    }

    /** Groups whose deployments have several names at their servers: {@code GROUP: NAME, NAME}. */
    Map<String, Set<String>> split() {
        Map<String, Set<String>> names = new LinkedHashMap<>();
        deployments.stream().filter(each -> !each.isWildcard())
                .forEach(each -> names.computeIfAbsent(each.group(), fresh -> new LinkedHashSet<>()).add(each.model()));
        names.values().removeIf(each -> each.size() == 1);
        return names;
    }

    /** Those of some patterns that no other one covers. */
    static Set<String> fewest(Set<String> patterns) {
        return patterns.stream().filter(each -> patterns.stream()
                .noneMatch(other -> !other.equals(each) && new ModelGlob(other).matches(each)))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Models that a list of theirs has by several names, which lead to different accounts: with these names. */
    Map<String, Set<String>> merged(Collection<String> theirs) {
        Map<String, Map<String, Set<String>>> byModel = new LinkedHashMap<>();
        for (Deployment each : deployments) {
            boolean allowed = isEvery(theirs) || theirs.contains(each.group())
                    || each.accessGroups().stream().anyMatch(theirs::contains);
            if (allowed && !each.isWildcard()) {
                byModel.computeIfAbsent(each.model(), fresh -> new LinkedHashMap<>()).put(each.group(),
                        reach(each.group()).of(each.model()));
            }
        }
        Map<String, Set<String>> merged = new LinkedHashMap<>();
        byModel.forEach((model, names) -> {
            if (Set.copyOf(names.values()).size() > 1) {
                merged.put(model, names.keySet());
            }
        });
        return merged;
    }

    /** Those of one list of our patterns that another allows too. */
    static Set<String> both(Set<String> one, Set<String> other) {
        Set<String> both = new LinkedHashSet<>();
        List<String> all = new ArrayList<>(one);
        all.addAll(other);
        List<ModelGlob> ones = one.stream().map(ModelGlob::new).toList();
        List<ModelGlob> others = other.stream().map(ModelGlob::new).toList();
        for (String pattern : all) {
            if (ModelGlob.anyMatches(ones, pattern) && ModelGlob.anyMatches(others, pattern)) {
                both.add(pattern);
            }
        }
        return both;
    }
}
