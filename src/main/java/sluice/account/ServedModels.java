package sluice.account;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.openai.ModelGlob;

/**
 * The models that an account serves. Asked for every account of every call that waits, so literal names are looked up
 * and only patterns are tried one by one.
 *
 * @param all      whether it serves every model
 * @param names    the models it serves by their literal names
 * @param patterns further ones
 */
public record ServedModels(boolean all, Set<String> names, List<ModelGlob> patterns) {
    /** Every model. */
    public static final ServedModels ALL = new ServedModels(true, Set.of(), List.of());

    public ServedModels {
        names = Set.copyOf(names);
        patterns = List.copyOf(patterns);
    }

    /** The models that any of these patterns matches. */
    public static ServedModels of(Collection<ModelGlob> globs) {
        if (globs.stream().anyMatch(ModelGlob::isAny)) {
            return ALL;
        }
        return new ServedModels(false,
                globs.stream().filter(ModelGlob::isLiteral).map(ModelGlob::pattern).collect(Collectors.toSet()),
                globs.stream().filter(glob -> !glob.isLiteral()).toList());
    }

    /** Whether it names each of them, so that no list is needed to know them. */
    public boolean areNamed() {
        return !all && patterns.isEmpty();
    }

    /** Whether a call for this model may be sent there; the upstream chooses a model for a call that names none. */
    public boolean include(String model) {
        return all || model.isEmpty() || names.contains(model) || ModelGlob.anyMatches(patterns, model);
    }
}
