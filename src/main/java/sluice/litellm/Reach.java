package sluice.litellm;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import sluice.openai.ModelGlob;

/**
 * Where LiteLLM sends calls that some names of theirs allow.
 *
 * @param accounts by our patterns for the models: the accounts that it asks for them
 */
record Reach(Map<String, Set<String>> accounts) {
    /** No model at any account. */
    static final Reach NOTHING = new Reach(Map.of());

    /** One account, by each of these patterns. */
    static Reach at(String account, Set<String> patterns) {
        Map<String, Set<String>> reached = new LinkedHashMap<>();
        patterns.forEach(pattern -> reached.put(pattern, Set.of(account)));
        return new Reach(reached);
    }

    /** What either allows. */
    Reach and(Reach other) {
        Map<String, Set<String>> all = new LinkedHashMap<>(accounts);
        other.accounts.forEach((pattern, names) -> all.merge(pattern, names, Reach::union));
        return new Reach(all);
    }

    private static Set<String> union(Set<String> one, Set<String> other) {
        Set<String> union = new LinkedHashSet<>(one);
        union.addAll(other);
        return union;
    }

    boolean isEmpty() {
        return accounts.isEmpty();
    }

    Set<String> patterns() {
        return accounts.keySet();
    }

    /** As few patterns as say the same. */
    Set<String> fewest() {
        return ModelNames.fewest(patterns());
    }

    /** All the accounts. */
    Set<String> all() {
        return accounts.values().stream().reduce(Set.of(), Reach::union);
    }

    /** The accounts of a model or a pattern, by whichever patterns cover it. */
    Set<String> of(String model) {
        return accounts.entrySet().stream().filter(each -> new ModelGlob(each.getKey()).matches(model))
                .map(Map.Entry::getValue).reduce(Set.of(), Reach::union);
    }

    /** What both allow. */
    Reach both(Reach other) {
        Map<String, Set<String>> both = new LinkedHashMap<>();
        for (String pattern : ModelNames.both(patterns(), other.patterns())) {
            Set<String> names = new LinkedHashSet<>(of(pattern));
            names.retainAll(other.of(pattern));
            if (!names.isEmpty()) {
                both.put(pattern, names);
            }
        }
        return new Reach(both);
    }

    /** Whether another one allows all of this. */
    boolean isWithin(Reach other) {
        return both(other).equals(both(this));
    }
}
