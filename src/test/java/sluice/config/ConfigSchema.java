package sluice.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The JSON Schema of the configuration, made from what the readers ask for when they read a file that has every key, and
 * from the comments of config/sluice.yaml.
 */
final class ConfigSchema {
    private static final Pattern STEP = Pattern.compile("\\.?([a-z0-9-]+|\\*)|(\\[])");
    private static final Pattern COMMENTED = Pattern.compile("^ *(?:- )?([a-z0-9-]+):[^#]*[^#\\s]? +# (.+)$");
    private static final Pattern KEY = Pattern.compile("^ *(?:- )?([a-z0-9-]+):");
    private static final JsonObject VARIABLE = new JsonObject().put("type", "string").put("pattern", "\\$\\{");

    /** A value of the file by what may stand there. */
    private static final class Node {
        private final Map<String, Node> keys = new TreeMap<>();
        private final Set<String> required = new TreeSet<>();
        private final JsonArray forms = new JsonArray();
        private boolean filled;
        private @Nullable Node items;
        private @Nullable Node named;
        private @Nullable String description;
    }

    private final Node root = new Node();

    /** From readings that together look up every key. */
    static JsonObject of(List<RecordedKeys> readings, String commented) {
        ConfigSchema schema = new ConfigSchema();
        readings.forEach(schema::add);
        schema.describe(commented);
        JsonObject whole = new JsonObject().put("$schema", "https://json-schema.org/draft/2020-12/schema")
                .put("title", "Sluice");
        return whole.mergeIn(schema.json(schema.root));
    }

    private void add(RecordedKeys keys) {
        keys.asked().forEach(this::at);
        keys.required().forEach(shape -> require(shape, keys.sections()));
        keys.filled().forEach(shape -> at(shape).filled = true);
        keys.forms().forEach((shape, forms) -> forms.forEach(form -> {
            JsonObject json = sorted(form);
            Node node = at(shape);
            if (!node.forms.contains(json)) {
                node.forms.add(json);
            }
        }));
    }

    /** A required key makes the mapping around it required, if that mapping is always read. */
    private void require(String shape, Set<String> sections) {
        int dot = shape.lastIndexOf('.');
        String parent = dot < 0 ? "" : shape.substring(0, dot);
        at(parent).required.add(shape.substring(dot + 1));
        if (sections.contains(parent)) {
            require(parent, sections);
        }
    }

    /** In an order that is the same each time. */
    private static JsonObject sorted(Map<?, ?> form) {
        JsonObject sorted = new JsonObject();
        new TreeMap<>(form).forEach((key, value) -> sorted.put(String.valueOf(key), switch (value) {
            case Map<?, ?> within -> sorted(within);
            case List<?> list -> new JsonArray(list.stream()
                    .map(each -> each instanceof Map<?, ?> within ? sorted(within) : each).toList());
            default -> value;
        }));
        return sorted;
    }

    private Node at(String shape) {
        Node node = root;
        Matcher step = STEP.matcher(shape);
        while (step.find()) {
            String key = step.group(1);
            if (key == null) {
                node.items = node.items == null ? new Node() : node.items;
                node = node.items;
            } else if (key.equals("*")) {
                node.named = node.named == null ? new Node() : node.named;
                node = node.named;
            } else {
                node = node.keys.computeIfAbsent(key, fresh -> new Node());
            }
        }
        return node;
    }

    /** What the shipped file says behind a key, by its indentation, becomes the key's description. */
    private void describe(String commented) {
        Map<Integer, Node> path = new HashMap<>(Map.of(0, root));
        for (String line : commented.lines().toList()) {
            int indent = line.length() - line.stripLeading().length();
            Matcher key = KEY.matcher(line);
            if (!key.find()) {
                continue;
            }
            Node parent = path.get(indent / 2);
            boolean item = line.strip().startsWith("- ");
            Node within = parent == null || !item ? parent : parent.items;
            Node node = within == null ? null : within.keys.getOrDefault(key.group(1), within.named);
            Matcher comment = COMMENTED.matcher(line);
            if (node != null && comment.find()) {
                node.description = comment.group(2);
            }
            Node below = item ? within : node;
            if (below == null) {
                path.remove(indent / 2 + 1);
            } else {
                path.put(indent / 2 + 1, below);
            }
        }
    }

    private JsonObject json(Node node) {
        JsonArray forms = new JsonArray();
        node.forms.forEach(forms::add);
        if (!node.forms.isEmpty()) {
            forms.add(VARIABLE);
        }
        if (node.items != null) {
            JsonObject list = new JsonObject().put("type", new JsonArray().add("array").add("null"))
                    .put("items", json(node.items));
            forms.add(node.filled ? list.put("minItems", 1) : list);
        }
        if (!node.keys.isEmpty() || node.named != null) {
            forms.add(mapping(node));
        }
        JsonObject json = forms.isEmpty()
                ? new JsonObject()
                : forms.size() == 1 ? forms.getJsonObject(0) : new JsonObject().put("anyOf", forms);
        Optional.ofNullable(node.description).ifPresent(text -> json.put("description", text));
        return json;
    }

    private JsonObject mapping(Node node) {
        JsonObject keys = new JsonObject();
        node.keys.forEach((key, value) -> keys.put(key, json(value)));
        JsonArray types = new JsonArray().add("object");
        JsonObject mapping = new JsonObject().put("type", node.required.isEmpty() ? types.add("null") : types);
        if (!keys.isEmpty()) {
            mapping.put("properties", keys);
        }
        if (!node.required.isEmpty()) {
            mapping.put("required", new JsonArray(List.copyOf(node.required)));
        }
        return node.named == null
                ? mapping.put("additionalProperties", false)
                : mapping.put("additionalProperties", json(node.named));
    }
}
