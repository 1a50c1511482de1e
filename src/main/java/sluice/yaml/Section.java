package sluice.yaml;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.nodes.MappingNode;

/**
 * A mapping of the file. A key is declared where it is looked up: the section remembers it, so that it knows the unknown
 * ones, and shows the value in effect, given or not.
 */
public final class Section {
    private final Mapping mapping;
    private final Findings findings;
    private final Map<String, Object> shown = new LinkedHashMap<>();
    private boolean refused;

    private Section(Mapping mapping, Findings findings) {
        this.mapping = mapping;
        this.findings = findings;
    }

    static Section of(Place place, Findings findings, MappingNode node) {
        return new Section(Mapping.of(place, findings, node), findings);
    }

    static Section empty(Place place, Findings findings) {
        return new Section(new Mapping(place, findings), findings);
    }

    /** Replaces a value that is not a mapping; that is already reported, so missing keys are not. */
    static Section refused(Place place, Findings findings) {
        Section section = empty(place, findings);
        section.refused = true;
        return section;
    }

    /** Whether no key is given. */
    public boolean isEmpty() {
        return mapping.keys().isEmpty();
    }

    /** Whether one of these keys has a value that cannot be known here, because its variable is set elsewhere. */
    public boolean hasUnknown(String... keys) {
        return findings.offline() && Stream.of(keys).map(mapping::peek).flatMap(Optional::stream)
                .anyMatch(Entry::isUnknown);
    }

    /** The entry under the key. */
    public Optional<Entry> entry(String key) {
        return mapping.entry(key);
    }

    /** The value under the key; the other one if it is absent or invalid. */
    public <T> T value(String key, Parser<T> parser, T otherwise) {
        return inherited(key, parser, Optional.of(otherwise)).orElse(otherwise);
    }

    /** The value under the key; the other one, if there is any, if it is absent or invalid. */
    public <T> Optional<T> inherited(String key, Parser<T> parser, Optional<T> otherwise) {
        return shown(key, parser, entry(key).flatMap(entry -> entry.as(parser)).or(() -> otherwise));
    }

    /** The value under the key; empty if it is absent or invalid. */
    public <T> Optional<T> value(String key, Parser<T> parser) {
        return inherited(key, parser, Optional.empty());
    }

    /** A whole number within these bounds. */
    public int count(String key, int least, int most, int otherwise) {
        return value(key, Quantities.count(least, most), otherwise);
    }

    /** A duration within these bounds. */
    public Duration duration(String key, Duration least, Duration most, Duration otherwise) {
        return value(key, Quantities.duration(least, most), otherwise);
    }

    /** A size within these bounds, in bytes. */
    public long size(String key, long least, long most, long otherwise) {
        return value(key, Quantities.size(least, most), otherwise);
    }

    /** A percentage within these bounds, as a share from 0 to 1. */
    public double share(String key, double least, double most, double otherwise) {
        return value(key, Quantities.share(least, most), otherwise);
    }

    /** True or false. */
    public boolean flag(String key, boolean otherwise) {
        return value(key, Values.flag(), otherwise);
    }

    /** One of an enum's names, in lower case with hyphens. */
    public <E extends Enum<E>> E word(String key, E otherwise) {
        return value(key, Values.word(otherwise.getDeclaringClass()), otherwise);
    }

    /** As {@link #value(String, Parser)}, but an empty text counts as absent. */
    public <T> Optional<T> optional(String key, Parser<T> parser) {
        Parser<Optional<T>> orNothing = Values.orNothing(parser);
        return shown(key, parser, entry(key).flatMap(entry -> entry.as(orNothing)).flatMap(value -> value));
    }

    /** As {@link #optional}, for the name of a file. */
    public <T> Optional<T> file(String key, Parser<T> parser) {
        Parser<Optional<T>> orNothing = Values.orNothing(parser);
        return shown(key, parser, entry(key).filter(entry -> !entry.isNothing())
                .flatMap(entry -> entry.asFile(orNothing)).flatMap(value -> value));
    }

    /** As {@link #value(String, Parser)}, but absence is a problem. */
    public <T> Optional<T> required(String key, Parser<T> parser, String expected) {
        return shown(key, parser, required(key, expected).flatMap(entry -> entry.as(parser)));
    }

    /**
     * As {@link #required(String, Parser, String)}, for what names this section among others, also in messages.
     *
     * @param taken the names so far, to which this one is added
     * @param free  what is expected instead of a name that is taken
     */
    public Optional<String> name(String key, Parser<String> parser, String expected, Set<String> taken, String free) {
        Optional<String> name = required(key, parser, expected);
        name.ifPresent(known -> {
            findings.named(mapping.place(), known);
            if (!taken.add(known)) {
                refuse(key, known, free);
            }
        });
        return name;
    }

    /** As {@link #required(String, Parser, String)}, for the name of a file. */
    public <T> Optional<T> requiredFile(String key, Parser<T> parser, String expected) {
        return shown(key, parser, required(key, expected).flatMap(entry -> entry.asFile(parser)));
    }

    /** The secret under the key, shown as redacted; empty if it is absent, empty or invalid. */
    public Optional<String> secret(String key) {
        Optional<String> secret = entry(key).flatMap(Secret::optional).map(Secret::value);
        secret.ifPresent(known -> show(key, Redaction.MARK));
        return secret;
    }

    private <T> Optional<T> shown(String key, Parser<T> parser, Optional<T> value) {
        value.ifPresent(present -> show(key, parser.shown(present)));
        return value;
    }

    /** Shows this under the key, for what is not a plain value. */
    public void show(String key, Object value) {
        shown.put(key, value);
    }

    /** Shows nothing of it: none of it is in effect. */
    public void hide() {
        shown.clear();
    }

    /** What is in effect, in the order in which it was looked up; mappings of which nothing is in effect are left out. */
    public Map<String, Object> inEffect() {
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
    public Optional<Entry> required(String key, String expected) {
        Optional<Entry> entry = entry(key);
        findings.keys().required(shape(key));
        if (entry.isEmpty() && !refused) {
            misses(key, expected);
        }
        return entry;
    }

    /** The mapping under the key; an empty one if absent. */
    public Section section(String key) {
        findings.keys().section(shape(key));
        return shown(key, entry(key).map(Entry::section).orElseGet(() -> empty(mapping.place().at(key), findings)));
    }

    /** The mapping under the key; empty if the key is absent or has no value. */
    public Optional<Section> optionalSection(String key) {
        return entry(key).filter(entry -> !entry.isNothing()).map(entry -> shown(key, entry.section()));
    }

    private Section shown(String key, Section below) {
        show(key, below);
        return below;
    }

    /** The values of the list under the key; empty if the key is absent or has no value. */
    public Optional<List<Entry>> items(String key) {
        return entry(key).filter(entry -> !entry.isNothing()).map(Entry::items);
    }

    /** The mappings of the list under the key; none if the key is absent or has no value. */
    public List<Section> sections(String key) {
        return shown(key, items(key).orElse(List.of()));
    }

    /** As {@link #sections}, but at least one must be present. */
    public List<Section> requiredSections(String key, String expected) {
        return shown(key, requiredItems(key, expected));
    }

    private List<Section> shown(String key, List<Entry> items) {
        List<Section> sections = items.stream().map(Entry::section).toList();
        show(key, sections);
        return sections;
    }

    /** The values of a list that must be present and not empty. */
    public List<Entry> requiredItems(String key, String expected) {
        required(key, expected);
        return filledItems(key, expected).orElse(List.of());
    }

    /** As {@link #items}, but the list may not be empty. */
    public Optional<List<Entry>> filledItems(String key, String expected) {
        findings.keys().filled(shape(key));
        Optional<Entry> entry = entry(key);
        entry.filter(at -> at.isNothing() || (at.isList() && at.items().isEmpty()))
                .ifPresent(at -> at.refuse("none", expected));
        return entry.map(Entry::items);
    }

    /** As {@link #items}, with each value parsed; the other ones if the key is absent. An empty list is a problem. */
    public <T> List<T> values(String key, Parser<T> parser, List<T> otherwise) {
        findings.keys().filled(shape(key));
        entry(key).filter(entry -> entry.isList() && entry.items().isEmpty())
                .ifPresent(entry -> entry.refuse("[]", "at least one"));
        return list(key, parser, otherwise);
    }

    /** As {@link #values}, but the list may be empty. */
    public <T> List<T> list(String key, Parser<T> parser, List<T> otherwise) {
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
    public Map<String, Section> named() {
        Map<String, Section> named = new LinkedHashMap<>();
        mapping.keys().forEach(name -> named.put(name, named(name)));
        return named;
    }

    /**
     * What the mappings in this one say, by their names, which the user has chosen.
     *
     * @param what introduces a name that does not parse, such as {@code this tag}
     */
    public <K, V> Map<K, V> named(String what, Parser<K> names, Function<Section, V> read) {
        Map<K, V> all = new LinkedHashMap<>();
        named().forEach((name, section) -> {
            Optional<K> key = section.called(what, name, names);
            V value = read.apply(section);
            key.ifPresent(known -> all.put(known, value));
        });
        return all;
    }

    /** The name of this mapping, which the user has chosen; empty if it does not parse, which is reported. */
    public <K> Optional<K> called(String what, String name, Parser<K> names) {
        try {
            return Optional.of(names.parse(name));
        } catch (Unacceptable e) {
            refuse(what, e.expected());
            return Optional.empty();
        }
    }

    /** The mapping under a name that the user may choose; an empty one if absent. */
    public Section named(String name) {
        return shown(name, mapping.named(name).map(Entry::section)
                .orElseGet(() -> empty(mapping.place().named(name), findings)));
    }

    /** The entries of this mapping by their names, which the user has chosen. */
    public Map<String, Entry> namedEntries() {
        Map<String, Entry> named = new LinkedHashMap<>();
        mapping.keys().forEach(name -> mapping.named(name).ifPresent(entry -> named.put(name, entry)));
        return named;
    }

    /** The values in this mapping by their names, which the user has chosen. */
    public <T> Map<String, T> namedValues(Parser<T> parser) {
        Map<String, T> values = new LinkedHashMap<>();
        namedEntries().forEach((name, entry) -> shown(name, parser, entry.as(parser))
                .ifPresent(value -> values.put(name, value)));
        return values;
    }

    /** A variable of the environment that stands in for a key which is not given. */
    public Optional<String> variable(String name) {
        return findings.interpolation().variable(name);
    }

    /** Its location, for people. */
    public String place() {
        return findings.text(mapping.place());
    }

    /** Reads the file it names, whose changes take effect without a restart. */
    public void reads(Path file) {
        findings.reads(file);
    }

    /** Reports that a key is missing. */
    public void misses(String key, String expected) {
        findings.refuse(mapping.place().at(key), "missing", expected);
    }

    /**
     * Reports a mapping without keys, unless it is refused already.
     *
     * @param shown   what it lacks
     * @param any     the keys it may have
     * @param besides keys that do not count
     */
    public void refuseIfEmpty(String shown, String any, String... besides) {
        if (!refused && Set.of(besides).containsAll(mapping.keys())) {
            refuse(shown, "any of " + any);
        }
    }

    /** Reports a problem with the value under a key, of which this may be shown. */
    public void refuse(String key, String shown, String expected) {
        findings.refuse(mapping.at(key), shown, expected);
    }

    /** Reports a problem with the mapping as a whole; keys that it lacks are not reported any more. */
    public void refuse(String shown, String expected) {
        refused = true;
        findings.refuse(mapping.place(), shown, expected);
    }

    /** Reports something that works but should be fixed. */
    public void warn(String key, String message) {
        findings.warning(mapping.at(key), message);
    }

    private String shape(String key) {
        return mapping.place().at(key).shape();
    }
}
