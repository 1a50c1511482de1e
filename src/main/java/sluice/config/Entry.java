package sluice.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * One value of the file and its location.
 *
 * @param path     for messages, such as {@code tenants[2].rpm}
 * @param shape    the path that all items share, such as {@code tenants[].rpm}
 * @param node     the value itself
 * @param position of its key in the file; messages are ordered by it
 */
record Entry(String path, String shape, Node node, int position, Findings findings) {

    /** Whether there is nothing after the colon. */
    boolean isNothing() {
        return node instanceof ScalarNode && node.getTag().equals(Tag.NULL);
    }

    /** Whether its text holds a variable that is set elsewhere. */
    boolean isUnknown() {
        try {
            return node instanceof ScalarNode scalar && !findings.interpolation().resolve(scalar.getValue()).known();
        } catch (Unacceptable broken) {
            return true;
        }
    }

    boolean isMapping() {
        return node instanceof MappingNode;
    }

    boolean isList() {
        return node instanceof SequenceNode;
    }

    /** The parsed value; empty if it is invalid, which is reported. */
    <T> Optional<T> as(Parser<T> parser) {
        takes(parser::form);
        return text().filter(Interpolation.Text::known).flatMap(text -> {
            try {
                return Optional.of(parser.parse(text.value()));
            } catch (Unacceptable e) {
                String shown = isNothing() ? "nothing" : Redaction.shown(text.shown());
                refuse(e.shownOr(shown), e.expected());
                return Optional.empty();
            }
        });
    }

    /** Declares the texts it accepts, in terms of JSON Schema, where no parser does. */
    void takes(Supplier<Map<String, Object>> form) {
        findings.keys().form(shape, form);
    }

    /** The text with its variables substituted; empty if that fails, which is reported. */
    Optional<Interpolation.Text> text() {
        return text(findings.interpolation()::resolve);
    }

    /** As {@link #text}, for a secret, which a variable named {@code …_FILE} may point to. */
    Optional<Interpolation.Text> secretText() {
        return text(findings.interpolation()::resolveSecret);
    }

    /** Substitutes the variables of a text. */
    private interface Substitution {
        Interpolation.Text of(String raw) throws Unacceptable;
    }

    private Optional<Interpolation.Text> text(Substitution substitution) {
        if (isNothing()) {
            return Optional.of(new Interpolation.Text("", "", false, true));
        }
        if (!(node instanceof ScalarNode scalar)) {
            refuse(kind(), "a single value");
            return Optional.empty();
        }
        try {
            return Optional.of(substitution.of(scalar.getValue()));
        } catch (Unacceptable e) {
            refuse(e.shownOr(Redaction.MARK), e.expected());
            return Optional.empty();
        }
    }

    /** As {@link #as}, for the name of a file; always empty offline, where the file cannot be checked. */
    <T> Optional<T> asFile(Parser<T> parser) {
        return findings.offline() ? text().flatMap(text -> Optional.empty()) : as(parser);
    }

    /** The mapping here; an empty section if there is none. */
    Section section() {
        if (node instanceof MappingNode mapping) {
            return Section.of(path, shape, position, findings, mapping);
        }
        if (isNothing()) {
            return Section.empty(path, shape, position, findings);
        }
        refuse(kind(), "a mapping of keys to values");
        return Section.refused(path, shape, position, findings);
    }

    /** The values of the list here; empty if there is no list. */
    List<Entry> items() {
        if (node instanceof SequenceNode sequence) {
            List<Entry> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(new Entry(path + "[" + items.size() + "]", shape + "[]", item,
                        item.getStartMark().map(mark -> mark.getIndex()).orElse(position), findings));
            }
            return items;
        }
        if (!isNothing()) {
            refuse(kind(), "a list such as [a, b]");
        }
        return List.of();
    }

    void refuse(String shown, String expected) {
        findings.problem(position, Problem.expected(path, shown, expected));
    }

    void warn(String message) {
        findings.warning(position, path, message);
    }

    /** The kind of value, not the value itself: it might be a misplaced secret. */
    private String kind() {
        return switch (node) {
            case MappingNode mapping -> "a mapping";
            case SequenceNode sequence -> "a list";
            default -> "a single value";
        };
    }
}
