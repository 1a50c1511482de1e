package sluice.litellm;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
    private final OpenAiModels openAi;

    /** @param aliases further names of groups, with the groups */
    ModelNames(List<Deployment> deployments, Accounts accounts, Map<String, String> aliases, OpenAiModels openAi) {
        this.openAi = openAi;
        this.deployments = deployments;
        this.accounts = accounts;
        this.aliases = aliases;
    }

    /** The further names that {@code model_group_alias} and {@code model_alias_map} give to groups. */
    static Map<String, String> aliases(Fields file) {
        Map<String, String> aliases = new LinkedHashMap<>();
        Fields given = file.in("router_settings").in("model_group_alias")
                .or(file.in("litellm_settings").in("model_alias_map"));
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
        return theirs.stream().map(this::reach).reduce(Reach.NOTHING, Reach::and);
    }

    /** Where a name of theirs leads; nowhere if no account serves it. */
    Reach reach(String theirs) {
        if (isEvery(List.of(theirs))) {
            return accounts.everywhere();
        }
        List<Deployment> named = deployments.stream()
                .filter(each -> each.group().equals(theirs) || each.accessGroups().contains(theirs)).toList();
        Reach reach = named.stream().map(accounts::reach).reduce(Reach.NOTHING, Reach::and);
        if (theirs.contains("*")) {
            return matched(theirs).stream().map(this::reach).reduce(named.isEmpty() ? matching(theirs) : reach,
                    Reach::and);
        }
        if (!named.isEmpty()) {
            return reach;
        }
        if (aliases.containsKey(theirs) && !aliases.get(theirs).equals(theirs)) {
            return reach(aliases.get(theirs));
        }
        return passedOn(theirs);
    }

    /** Groups and aliases, other than patterns, that a pattern in a list of theirs allows. */
    private List<String> matched(String pattern) {
        return names().stream().filter(name -> !name.contains("*") && matches(pattern, name))
                .filter(name -> !aliases.getOrDefault(name, "").contains("*")).toList();
    }

    /** Whether a pattern in a list of theirs allows a name: as it is, or as that of a model of OpenAI's. */
    private boolean matches(String pattern, String name) {
        ModelGlob glob = new ModelGlob(pattern);
        return glob.matches(name)
                || (openAi.isListed(name) && glob.matches(Provider.OPENAI.name() + "/" + name));
    }

    /** The groups and their aliases. */
    private Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        deployments.forEach(each -> names.add(each.group()));
        names.addAll(aliases.keySet());
        return names;
    }

    /** Whether a list of theirs allows a name. One that is no group's or alias's has only its model to be judged by. */
    boolean allows(Collection<String> theirs, String name) {
        return isEvery(theirs) || !names().contains(name) || theirs.stream().anyMatch(each -> allows(each, name));
    }

    private boolean allows(String theirs, String name) {
        return theirs.contains("*")
                ? matches(theirs, name)
                : bareName(theirs).equals(name) || members(theirs).contains(name);
    }

    private static String bareName(String theirs) {
        String prefix = Provider.OPENAI.name() + "/";
        return theirs.startsWith(prefix) ? theirs.substring(prefix.length()) : theirs;
    }

    /** The groups in an access group; none if a name is another's. */
    private Set<String> members(String accessGroup) {
        return deployments.stream().filter(each -> each.accessGroups().contains(accessGroup)).map(Deployment::group)
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** A list of theirs with the groups that it stands for, as far as they are known. */
    Set<String> expanded(Collection<String> theirs) {
        if (isEvery(theirs)) {
            return names();
        }
        return theirs.stream().flatMap(name -> members(name).isEmpty() ? Stream.of(name) : members(name).stream())
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** Whether patterns of theirs let OpenAI's models through, those to come among them. */
    boolean isOpenAi(Collection<String> patterns) {
        return patterns.stream().anyMatch(pattern -> deployments.stream().filter(Deployment::takesAny)
                .filter(Deployment::isOpenAi).anyMatch(each -> accounts.passed(each).stream()
                        .anyMatch(model -> new ModelGlob(pattern).matches(each.provider().name() + "/" + model))));
    }

    /** Models of OpenAI's that a pattern allows by their full names, and that are not asked for at wildcards' accounts. */
    Set<String> hidden(String pattern) {
        return deployments.stream().filter(Deployment::takesAny).filter(Deployment::isOpenAi)
                .flatMap(each -> accounts.elsewhere(each).stream()).filter(openAi::isListed)
                .filter(name -> new ModelGlob(pattern).matches(Provider.OPENAI.name() + "/" + name))
                .collect(Collectors.toCollection(LinkedHashSet::new));
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
        return changes(names());
    }

    private void change(String name, Set<String> changes) {
        List<Deployment> members = deployments.stream().filter(each -> each.accessGroups().contains(name)).toList();
        if (!members.isEmpty()) {
            members.forEach(each -> change(each.group(), changes));
        } else if (name.endsWith("/*") && !ours(name).isEmpty()) {
            changes.add("NAME instead of " + name.substring(0, name.lastIndexOf('/')) + "/NAME");
            matched(name).forEach(each -> change(each, changes));
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
