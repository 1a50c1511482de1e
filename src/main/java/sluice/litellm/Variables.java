package sluice.litellm;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Environment variables: those that LiteLLM's file names, and new ones for its secrets in plain text. */
final class Variables {
    private static final String MARK = "os.environ/";

    private final Set<String> taken = new HashSet<>();
    private final Map<String, String> replaced = new HashMap<>();
    private final Notes notes;

    /** @param file whose variables must not get another meaning */
    Variables(@Nullable Object file, Notes notes) {
        this.notes = notes;
        take(file);
    }

    private void take(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            map.values().forEach(this::take);
        } else if (value instanceof List<?> list) {
            list.forEach(this::take);
        } else if (value instanceof String text && text.startsWith(MARK)) {
            taken.add(text.substring(MARK.length()));
        }
    }

    /** Whether LiteLLM's file names a variable. */
    boolean isNamed(String variable) {
        return taken.contains(variable);
    }

    /** A text in which a variable of theirs is one of ours. */
    static String resolved(String value) {
        return value.startsWith(MARK) ? reference(value.substring(MARK.length())) : value;
    }

    static String reference(String variable) {
        return "${" + variable + "}";
    }

    /**
     * A secret, always as a variable.
     *
     * @param what     what the secret is
     * @param where    tells apart secrets that read alike but must not share a variable
     * @param variable the name of a new one; LiteLLM takes the same if the secret is missing
     */
    String secret(String what, String value, String where, String variable) {
        if (value.startsWith(MARK)) {
            return resolved(value);
        }
        if (value.isEmpty()) {
            if (!isNamed(variable)) {
                notes.add(Notes.Kind.TO_DO, "set " + variable + "; LiteLLM falls back to it when the file has no key",
                        what);
            }
            return reference(variable);
        }
        return reference(replaced.computeIfAbsent(value + "\n" + where, fresh -> replace(what, variable)));
    }

    /** The name of a new variable: with a number, if it is taken. */
    String unused(String variable) {
        String name = variable;
        for (int number = 2; !taken.add(name); number++) {
            name = variable + "_" + number;
        }
        return name;
    }

    private String replace(String what, String variable) {
        String name = unused(variable);
        notes.add(Notes.Kind.TO_DO,
                "put each secret that is in plain text into its variable; none was copied", what, name);
        return name;
    }
}
