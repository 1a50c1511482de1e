package sluice.litellm;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the converted file does not say. What holds for several is one line that names them all. */
final class Notes {

    /** What a line is about; each has a heading of its own. */
    enum Kind {
        TO_DO("To do before it starts"), CALLERS("Callers must change"), LEFT_OUT("Left out"), DROPPED(
                "Not carried over");

        private final String heading;

        Kind(String heading) {
            this.heading = heading;
        }

        String heading() {
            return heading;
        }
    }

    /** For each line, whom it names and what it says of each. */
    private final Map<Kind, Map<String, Map<String, Set<String>>>> lines = new EnumMap<>(Kind.class);

    Notes() {}

    void add(Kind kind, String line) {
        about(kind, line);
    }

    /**
     * Adds somebody to a line.
     *
     * @param details what the line means of it; may be none
     */
    void add(Kind kind, String line, String whom, String... details) {
        about(kind, line).computeIfAbsent(whom, fresh -> new LinkedHashSet<>()).addAll(List.of(details));
    }

    private Map<String, Set<String>> about(Kind kind, String line) {
        return lines.computeIfAbsent(kind, fresh -> new LinkedHashMap<>()).computeIfAbsent(line,
                fresh -> new LinkedHashMap<>());
    }

    /** The lines of a kind; none if there is nothing to say. */
    List<String> of(Kind kind) {
        List<String> all = new ArrayList<>();
        lines.getOrDefault(kind, Map.of()).forEach((line, named) -> all.add(named.isEmpty()
                ? line
                : line + ": " + String.join(", ", named.entrySet().stream().map(Notes::named).toList())));
        return all;
    }

    private static String named(Map.Entry<String, Set<String>> whom) {
        return whom.getValue().isEmpty()
                ? whom.getKey()
                : whom.getKey() + " (" + String.join(", ", whom.getValue()) + ")";
    }
}
