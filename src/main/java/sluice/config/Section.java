package sluice.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/**
 * A mapping of the file. A key is declared where it is looked up: the section remembers it, so that it knows the unknown
 * ones, and shows the value in effect, given or not.
 */
final class Section {
    private static final Pattern PLAIN_KEY = Pattern.compile("[A-Za-z0-9_-]+");

    private final String path;
    private final String shape;
    private final int position;
    private final Findings findings;
    private final boolean refused;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();
    private final Map<String, Object> shown = new LinkedHashMap<>();

    private Section(String path, String shape, int position, Findings findings, boolean refused) {
        this.path = path;
        this.shape = shape;
        this.position = position;
        this.findings = findings;
        this.refused = refused;
    }

    static Section of(String path, String shape, int position, Findings findings, MappingNode mapping) {
        Section section = new Section(path, shape, position, findings, false);
        mapping.getValue().forEach(section::add);
        findings.opened(section);
        return section;
    }

    static Section empty(String path, String shape, int position, Findings findings) {
        return new Section(path, shape, position, findings, false);
    }

    /** Replaces a value that is not a mapping; that is already reported, so missing keys are not. */
    static Section refused(String path, String shape, int position, Findings findings) {
        return new Section(path, shape, position, findings, true);
    }

    boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Whether no other key is given. */
    boolean hasNothingBut(String key) {
        return Set.of(key).containsAll(entries.keySet());
    }

    /** Whether one of these keys has a value that cannot be known here, because its variable is set elsewhere. */
    boolean hasUnknown(String... keys) {
        return findings.offline() && Stream.of(keys).map(entries::get).filter(Objects::nonNull)
                .anyMatch(Entry::isUnknown);
    }

    /** The entry under the key. */
    Optional<Entry> entry(String key) {
        asked.add(key);
        findings.keys().asked(shapeOf(key), entries.containsKey(key));
        return Optional.ofNullable(entries.get(key));
    }

    /** The value under the key; the other one if it is absent or invalid. */
    <T> T value(String key, Parser<T> parser, T otherwise) {
        return inherited(key, parser, Optional.of(otherwise)).orElse(otherwise);
    }

    /** The value under the key; the other one, if there is any, if it is absent or invalid. */
    <T> Optional<T> inherited(String key, Parser<T> parser, Optional<T> otherwise) {
        return shown(key, parser, entry(key).flatMap(entry -> entry.as(parser)).or(() -> otherwise));
    }

    /** The value under the key; empty if it is absent or invalid. */
    <T> Optional<T> value(String key, Parser<T> parser) {
        return inherited(key, parser, Optional.empty());
    }

    /** As {@link #value(String, Parser)}, but an empty text counts as absent. */
    <T> Optional<T> optional(String key, Parser<T> parser) {
        Parser<Optional<T>> orNothing = Values.orNothing(parser);
        return shown(key, parser, entry(key).flatMap(entry -> entry.as(orNothing)).flatMap(value -> value));
    }

    /** As {@link #optional}, for the name of a file. */
    <T> Optional<T> file(String key, Parser<T> parser) {
        Parser<Optional<T>> orNothing = Values.orNothing(parser);
        return shown(key, parser, entry(key).filter(entry -> !entry.isNothing())
                .flatMap(entry -> entry.asFile(orNothing)).flatMap(value -> value));
    }

    /** As {@link #value(String, Parser)}, but absence is a problem. */
    <T> Optional<T> required(String key, Parser<T> parser, String expected) {
        return shown(key, parser, required(key, expected).flatMap(entry -> entry.as(parser)));
    }

    /** As {@link #required(String, Parser, String)}, for the name of a file. */
    <T> Optional<T> requiredFile(String key, Parser<T> parser, String expected) {
        return shown(key, parser, required(key, expected).flatMap(entry -> entry.asFile(parser)));
    }

    /** The secret under the key, shown as redacted; empty if it is absent, empty or invalid. */
    Optional<String> secret(String key) {
        Optional<String> secret = entry(key).flatMap(Secret::optional).map(Secret::value);
        secret.ifPresent(known -> show(key, Redaction.MARK));
        return secret;
    }

    private <T> Optional<T> shown(String key, Parser<T> parser, Optional<T> value) {
        value.ifPresent(present -> show(key, parser.shown(present)));
        return value;
    }

    /** Shows this under the key, for what is not a plain value. */
    void show(String key, Object value) {
        shown.put(key, value);
    }

    /** Shows nothing of it: none of it is in effect. */
    void hide() {
        shown.clear();
    }

    /** What is in effect, in the order in which it was looked up; mappings of which nothing is in effect are left out. */
    Map<String, Object> inEffect() {
        Map<String, Object> tree = new LinkedHashMap<>();
        shown.forEach((key, value) -> {
            Object below = inEffect(value);
            if (!(value instanceof Section) || !Map.of().equals(below)) {
                tree.put(key, below);
            }
        });
        return tree;
    }

    private static Object inEffect(Object value) {
        return switch (value) {
            case Section section -> section.inEffect();
            case List<?> list -> list.stream().map(Section::inEffect).toList();
            default -> value;
        };
    }

    /** The entry under the key, whose absence is a problem. */
    Optional<Entry> required(String key, String expected) {
        Optional<Entry> entry = entry(key);
        findings.keys().required(shapeOf(key));
        if (entry.isEmpty() && !refused) {
            findings.problem(position, Problem.missing(pathOf(key), expected));
        }
        return entry;
    }

    /** The mapping under the key; an empty one if absent. */
    Section section(String key) {
        findings.keys().section(shapeOf(key));
        return shown(key, entry(key).map(Entry::section)
                .orElseGet(() -> empty(pathOf(key), shapeOf(key), position, findings)));
    }

    /** The mapping under the key; empty if the key is absent or has no value. */
    Optional<Section> optionalSection(String key) {
        return entry(key).filter(entry -> !entry.isNothing()).map(entry -> shown(key, entry.section()));
    }

    private Section shown(String key, Section below) {
        show(key, below);
        return below;
    }

    /** The values of the list under the key; empty if the key is absent or has no value. */
    Optional<List<Entry>> items(String key) {
        return entry(key).filter(entry -> !entry.isNothing()).map(Entry::items);
    }

    /** The mappings of the list under the key; none if the key is absent or has no value. */
    List<Section> sections(String key) {
        return shown(key, items(key).orElse(List.of()));
    }

    /** As {@link #sections}, but at least one must be present. */
    List<Section> requiredSections(String key, String expected) {
        return shown(key, requiredItems(key, expected));
    }

    private List<Section> shown(String key, List<Entry> items) {
        List<Section> sections = items.stream().map(Entry::section).toList();
        show(key, sections);
        return sections;
    }

    /** The values of a list that must be present and not empty. */
    List<Entry> requiredItems(String key, String expected) {
        Optional<Entry> entry = required(key, expected);
        findings.keys().filled(shapeOf(key));
        List<Entry> items = entry.map(Entry::items).orElse(List.of());
        if (items.isEmpty()) {
            entry.filter(at -> at.isNothing() || at.isList()).ifPresent(at -> at.refuse("none", expected));
        }
        return items;
    }

    /** As {@link #items}, but the list may not be empty. */
    Optional<List<Entry>> filledItems(String key, String expected) {
        findings.keys().filled(shapeOf(key));
        Optional<Entry> entry = entry(key);
        entry.filter(at -> at.isNothing() || (at.isList() && at.items().isEmpty()))
                .ifPresent(at -> at.refuse("none", expected));
        return entry.map(Entry::items);
    }

    /** Reports that a key is missing. */
    void misses(String key, String expected) {
        findings.problem(position, Problem.missing(pathOf(key), expected));
    }

    /** As {@link #items}, with each value parsed; the other ones if the key is absent. An empty list is a problem. */
    <T> List<T> values(String key, Parser<T> parser, List<T> otherwise) {
        findings.keys().filled(shapeOf(key));
        List<T> values = items(key).map(items -> {
            if (items.isEmpty()) {
                entry(key).filter(Entry::isList).ifPresent(entry -> entry.refuse("[]", "at least one"));
            }
            return parsed(items, parser);
        }).orElse(otherwise);
        show(key, new ArrayList<>(values.stream().map(parser::shown).toList()));
        return values;
    }

    /** As {@link #values}, but the list may be empty. */
    <T> List<T> list(String key, Parser<T> parser, List<T> otherwise) {
        List<T> values = items(key).map(items -> parsed(items, parser)).orElse(otherwise);
        show(key, new ArrayList<>(values.stream().map(parser::shown).toList()));
        return values;
    }

    private static <T> List<T> parsed(List<Entry> items, Parser<T> parser) {
        List<T> values = new ArrayList<>();
        items.forEach(item -> item.as(parser).ifPresent(values::add));
        return values;
    }

    /** The mappings in this one by their names, which the user has chosen. */
    Map<String, Section> named() {
        Map<String, Section> named = new LinkedHashMap<>();
        entries.keySet().forEach(name -> named.put(name, named(name)));
        return named;
    }

    /** A variable of the environment that stands in for a key which is not given. */
    Optional<String> variable(String name) {
        return findings.interpolation().variable(name);
    }

    /** The entries of this mapping by their names, which the user has chosen. */
    Map<String, Entry> namedEntries() {
        Map<String, Entry> named = new LinkedHashMap<>();
        entries.forEach((name, entry) -> named.put(name, named(name, entry)));
        return named;
    }

    /** The values in this mapping by their names, which the user has chosen. */
    <T> Map<String, T> namedValues(Parser<T> parser) {
        Map<String, T> values = new LinkedHashMap<>();
        namedEntries().forEach((name, entry) -> shown(name, parser, entry.as(parser))
                .ifPresent(value -> values.put(name, value)));
        return values;
    }

    /** The mapping under a name that the user may choose; an empty one if absent. */
    Section named(String name) {
        asked.add(name);
        Entry entry = entries.get(name);
        return shown(name, entry == null
                ? empty(pathOf(name), shape + ".*", position, findings)
                : named(name, entry).section());
    }

    private Entry named(String name, Entry entry) {
        asked.add(name);
        return new Entry(entry.path(), shape + ".*", entry.node(), entry.position(), findings);
    }

    /** Names this mapping, for messages about it. */
    void isCalled(String name) {
        findings.named(path, name);
    }

    /** Its location, for people. */
    String place() {
        return findings.placeOf(position, path);
    }

    /** Reads the file it names, whose changes take effect without a restart. */
    void reads(Path file) {
        findings.reads(file);
    }

    void refuse(String key, String shown, String expected) {
        int where = Optional.ofNullable(entries.get(key)).map(Entry::position).orElse(position);
        findings.problem(where, Problem.expected(pathOf(key), shown, expected));
    }

    /** Reports a problem with the mapping as a whole. */
    void refuse(String shown, String expected) {
        findings.problem(position, Problem.expected(path, shown, expected));
    }

    void warn(String key, String message) {
        int where = Optional.ofNullable(entries.get(key)).map(Entry::position).orElse(position);
        findings.warning(where, pathOf(key), message);
    }

    void refuseUnknownKeys() {
        for (Map.Entry<String, Entry> entry : entries.entrySet()) {
            if (!asked.contains(entry.getKey())) {
                findings.problem(entry.getValue().position(), unknown(entry.getKey(), entry.getValue()));
            }
        }
    }

    private Problem unknown(String key, Entry entry) {
        return Problem.unknownKey(entry.path(), NearestWord.of(key, asked), asked);
    }

    private void add(NodeTuple tuple) {
        Node keyNode = tuple.getKeyNode();
        int where = keyNode.getStartMark().map(mark -> mark.getIndex()).orElse(position);
        int line = keyNode.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
        if (!(keyNode instanceof ScalarNode scalar)) {
            findings.problem(where, new Problem(path.isEmpty() ? "the file" : path,
                    "a list or mapping as a key, in line " + line + " (expected: a word)"));
            return;
        }
        String key = scalar.getValue();
        Integer before = lines.putIfAbsent(key, line);
        if (before != null) {
            findings.problem(where, new Problem(pathOf(key),
                    "given twice, in line " + before + " and in line " + line + " (expected: once)"));
            return;
        }
        entries.put(key, new Entry(pathOf(key), shapeOf(key), tuple.getValueNode(), where, findings));
    }

    private String pathOf(String key) {
        if (!PLAIN_KEY.matcher(key).matches()) {
            return path + "[\"" + Redaction.shown(key) + "\"]";
        }
        return path.isEmpty() ? key : path + "." + Redaction.shown(key);
    }

    private String shapeOf(String key) {
        return shape.isEmpty() ? key : shape + "." + key;
    }
}
