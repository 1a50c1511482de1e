package sluice.yaml;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;

/** A mapping as it stands in the file: its entries, and which keys have been looked up. */
final class Mapping {
    private final Place place;
    private final Findings findings;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final Set<String> asked = new LinkedHashSet<>();

    /** An empty one. */
    Mapping(Place place, Findings findings) {
        this.place = place;
        this.findings = findings;
    }

    /** What the file says; a key that is not a word or is given twice is reported. */
    static Mapping of(Place place, Findings findings, MappingNode node) {
        Mapping mapping = new Mapping(place, findings);
        Map<String, Integer> lines = new HashMap<>();
        node.getValue().forEach(tuple -> mapping.add(tuple, lines));
        findings.opened(mapping);
        return mapping;
    }

    private void add(NodeTuple tuple, Map<String, Integer> lines) {
        Node keyNode = tuple.getKeyNode();
        int where = keyNode.getStartMark().map(mark -> mark.getIndex()).orElse(place.position());
        int line = keyNode.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
        if (!(keyNode instanceof ScalarNode scalar)) {
            String owner = place.path().isEmpty() ? "the file" : place.path();
            findings.problem(new Place(owner, "", where), "a list or mapping as a key, in line " + line
                    + " (expected: a word)");
            return;
        }
        String key = scalar.getValue();
        Integer before = lines.putIfAbsent(key, line);
        if (before != null) {
            findings.problem(place.at(key, where), "given twice, in line " + before + " and in line " + line
                    + " (expected: once)");
            return;
        }
        entries.put(key, new Entry(place.at(key, where), tuple.getValueNode(), findings));
    }

    Place place() {
        return place;
    }

    /** The keys that are given, in file order. */
    List<String> keys() {
        return new ArrayList<>(entries.keySet());
    }

    /** The entry under the key; does not count as looking it up. */
    Optional<Entry> peek(String key) {
        return Optional.ofNullable(entries.get(key));
    }

    /** The entry under the key. */
    Optional<Entry> entry(String key) {
        asked.add(key);
        findings.keys().asked(place.at(key).shape(), entries.containsKey(key));
        return peek(key);
    }

    /** The entry under a name that the user may choose. */
    Optional<Entry> named(String name) {
        asked.add(name);
        return peek(name).map(entry -> new Entry(place.named(name, entry.place().position()), entry.node(), findings));
    }

    /** Where the key is, or the mapping if the key is missing. */
    Place at(String key) {
        return place.at(key, peek(key).map(entry -> entry.place().position()).orElse(place.position()));
    }

    /** Reports keys that nothing has looked up. */
    void refuseUnknownKeys() {
        entries.forEach((key, entry) -> {
            if (!asked.contains(key)) {
                String help = NearestWord.of(key, asked).map(word -> "did you mean " + word + "?")
                        .orElse("known: " + String.join(", ", asked));
                findings.problem(entry.place(), "unknown key (" + help + ")");
            }
        });
    }
}
