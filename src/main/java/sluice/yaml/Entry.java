package sluice.yaml;

import java.nio.file.Path;
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

/** One value of the file and its location. */
public final class Entry {
    private final Place place;
    private final Node node;
    private final Findings findings;

    Entry(Place place, Node node, Findings findings) {
        this.place = place;
        this.node = node;
        this.findings = findings;
    }

    Place place() {
        return place;
    }

    Node node() {
        return node;
    }

    /** Whether secrets and files are not at hand, so that only its form is checked. */
    public boolean offline() {
        return findings.offline();
    }

    /** Notes that the file it names is read, whose changes take effect without a restart. */
    void reads(Path file) {
        findings.reads(file);
    }

    /** Whether there is nothing after the colon. */
    public boolean isNothing() {
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

    /** Whether it has keys. */
    public boolean isMapping() {
        return node instanceof MappingNode;
    }

    /** Whether it is a list, which may be empty. */
    public boolean isList() {
        return node instanceof SequenceNode;
    }

    /** The parsed value; empty if it is invalid, which is reported. */
    public <T> Optional<T> as(Parser<T> parser) {
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
    public void takes(Supplier<Map<String, Object>> form) {
        findings.keys().form(place.shape(), form);
    }

    /** The text with its variables substituted; empty if that fails, which is reported. */
    public Optional<Interpolation.Text> text() {
        return text(findings.interpolation()::resolve);
    }

    /** As {@link #text}, for a secret, which a variable named {@code …_FILE} may point to. */
    public Optional<Interpolation.Text> secretText() {
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
    public Section section() {
        if (node instanceof MappingNode mapping) {
            return Section.of(place, findings, mapping);
        }
        if (isNothing()) {
            return Section.empty(place, findings);
        }
        refuse(kind(), "a mapping of keys to values");
        return Section.refused(place, findings);
    }

    /** The values of the list here; empty if there is no list. */
    public List<Entry> items() {
        if (node instanceof SequenceNode sequence) {
            List<Entry> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                int where = item.getStartMark().map(mark -> mark.getIndex()).orElse(place.position());
                items.add(new Entry(place.item(items.size(), where), item, findings));
            }
            return items;
        }
        if (!isNothing()) {
            refuse(kind(), "a list such as [a, b]");
        }
        return List.of();
    }

    /** The values of the list here, or this one if it is not a list. */
    public List<Entry> each() {
        return isList() ? items() : List.of(this);
    }

    /**
     * Reports a problem with it.
     *
     * @param shown    what to show of it
     * @param expected what is accepted, in words
     */
    public void refuse(String shown, String expected) {
        findings.refuse(place, shown, expected);
    }

    /** Reports a problem with a value that must not be shown. */
    public void refuseSecret(String expected) {
        refuse(Redaction.MARK, expected);
    }

    /** Reports something that works but should be fixed. */
    public void warn(String message) {
        findings.warning(place, message);
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
