package sluice.yaml;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Substitutes environment variables in the values of a file: {@code ${NAME}} and {@code ${NAME:default}}; a doubled
 * dollar escapes a reference. It runs on single values after YAML parsing and never expands its own output, so no
 * variable can change the structure of the file.
 */
public final class Interpolation {
    private static final Pattern REFERENCE = Pattern
            .compile("\\$\\$\\{|\\$\\{(?:(?<name>[A-Za-z_][A-Za-z0-9_]*)(?<rest>:(?<default>[^}]*))?})?");

    private final Function<String, @Nullable String> environment;
    private final boolean offline;

    /** @param environment returns a variable's value, or null if it is not set */
    public Interpolation(Function<String, @Nullable String> environment) {
        this(environment, false);
    }

    private Interpolation(Function<String, @Nullable String> environment, boolean offline) {
        this.environment = environment;
        this.offline = offline;
    }

    /** Knows no variables and assumes that all are set to something valid. */
    public static Interpolation withoutEnvironment() {
        return new Interpolation(name -> null, true);
    }

    boolean offline() {
        return offline;
    }

    /** A value as text in which no variable is substituted. */
    public static String escaped(Object value) {
        return value.toString().replace("${", "$${");
    }

    /**
     * A text with its variables substituted.
     *
     * @param value    the result
     * @param shown    the text as written in the file, minus the defaults of variables; safe to show in messages
     * @param variable whether it contains a variable
     * @param known    whether all variables are known; unknown ones are left out of {@code value}
     */
    public record Text(String value, String shown, boolean variable, boolean known) {}

    /** @throws Unacceptable if a variable without a default is not set, or a reference is malformed */
    Text resolve(String raw) throws Unacceptable {
        StringBuilder value = new StringBuilder();
        StringBuilder shown = new StringBuilder();
        Matcher matcher = REFERENCE.matcher(raw);
        int end = 0;
        boolean variable = false;
        List<String> unset = new ArrayList<>();
        while (matcher.find()) {
            String before = raw.substring(end, matcher.start());
            end = matcher.end();
            value.append(before);
            shown.append(before);
            String name = matcher.group("name");
            if (name != null) {
                variable = true;
                String put = valueOf(name, matcher.group("default"));
                if (put == null) {
                    unset.add(name);
                } else {
                    value.append(put);
                }
                shown.append("${").append(name).append(matcher.group("rest") == null ? "}" : ":…}");
            } else if (matcher.group().startsWith("$$")) {
                value.append("${");
                shown.append("$${");
            } else {
                throw new Unacceptable("${NAME} or ${NAME:default}; $${ for a literal ${", "a broken ${…}");
            }
        }
        if (!unset.isEmpty() && !offline) {
            throw notSet(unset);
        }
        String rest = raw.substring(end);
        return new Text(value.append(rest).toString(), shown.append(rest).toString(), variable, unset.isEmpty());
    }

    /**
     * As {@link #resolve}, for a secret: if the text is a single {@code ${NAME}} that is not set, {@code NAME_FILE} may
     * name the file that holds it.
     */
    Text resolveSecret(String raw) throws Unacceptable {
        Matcher whole = REFERENCE.matcher(raw);
        String name = whole.matches() ? whole.group("name") : null;
        if (name != null && environment.apply(name) == null) {
            String file = environment.apply(name + "_FILE");
            if (file != null && !file.isEmpty()) {
                return new Text("file:" + file, "${" + name + "_FILE}", true, true);
            }
        }
        return resolve(raw);
    }

    /** A variable of the environment; empty if it is not set, or where the environment is not known. */
    Optional<String> variable(String name) {
        return Optional.ofNullable(environment.apply(name));
    }

    private @Nullable String valueOf(String name, @Nullable String byDefault) {
        String set = environment.apply(name);
        return set == null ? byDefault : set;
    }

    private static Unacceptable notSet(List<String> names) {
        List<String> references = names.stream().distinct().map(name -> "${" + name + "}").toList();
        return new Unacceptable((references.size() == 1 ? "the environment variable " : "the environment variables ")
                + String.join(" and ", names.stream().distinct().toList()) + " to be set, or a default: ${"
                + names.getFirst() + ":…}",
                String.join(" and ", references) + (references.size() == 1 ? " is not set" : " are not set"));
    }
}
