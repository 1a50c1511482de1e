package sluice.simulator.schema;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A schema or a part of one, with its references followed and its {@code allOf} merged. A part that is no schema, or a
 * reference to nothing, allows everything.
 */
record Schema(JsonObject members, Definitions definitions) {
    private static final int LEVELS_MAX = 3;
    private static final List<String> ALTERNATIVES = List.of("anyOf", "oneOf");

    static Schema of(JsonObject root) {
        return new Definitions(root).schema(root);
    }

    /** The schema of a part of this one. */
    Schema part(@Nullable Object part) {
        return definitions.schema(part);
    }

    /** A value that is the only one allowed, or the choice of them. */
    JsonArray choices() {
        if (members.containsKey("const")) {
            return new JsonArray().add(members.getValue("const"));
        }
        return array("enum");
    }

    /** The schemas of which a value fits one, each with what holds for all of them; none if there is no choice. */
    List<Schema> alternatives() {
        return ALTERNATIVES.stream().filter(name -> !array(name).isEmpty()).findFirst()
                .map(name -> array(name).stream().map(option -> with(name, option)).toList()).orElse(List.of());
    }

    private Schema with(String name, Object option) {
        JsonObject rest = new JsonObject(new LinkedHashMap<>(members.getMap()));
        rest.remove(name);
        return new Schema(Definitions.merged(rest, part(option).members()), definitions);
    }

    /** The type of its values; of several, the first that is not null, unless null will do. */
    String type(boolean nullWillDo) {
        Object type = members.getValue("type");
        if (type instanceof String one) {
            return one;
        }
        if (type instanceof JsonArray several && !several.isEmpty()) {
            return nullWillDo && several.contains("null")
                    ? "null"
                    : several.stream().map(String::valueOf).filter(each -> !each.equals("null")).findFirst()
                            .orElse("null");
        }
        return implied();
    }

    private String implied() {
        if (has("properties", "required", "additionalProperties", "minProperties")) {
            return "object";
        }
        if (has("items", "prefixItems", "minItems", "maxItems")) {
            return "array";
        }
        return has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") ? "number" : "string";
    }

    private boolean has(String... names) {
        return Stream.of(names).anyMatch(members::containsKey);
    }

    JsonObject properties() {
        return members.getValue("properties") instanceof JsonObject properties ? properties : new JsonObject();
    }

    /** The names that an object must have. */
    List<String> required() {
        return array("required").stream().map(String::valueOf).toList();
    }

    /** The schema of names that are not listed, if they have one. */
    Optional<Schema> additional() {
        return members.getValue("additionalProperties") instanceof JsonObject schema
                ? Optional.of(part(schema))
                : Optional.empty();
    }

    /** The schemas of an array's first items, in order. */
    JsonArray firstItems() {
        return members.getValue("items") instanceof JsonArray tuple ? tuple : array("prefixItems");
    }

    /** The schema of an array's other items, if there may be any. */
    Optional<Schema> items() {
        Object items = members.getValue("items");
        return items instanceof JsonArray || Boolean.FALSE.equals(items)
                ? Optional.empty()
                : Optional.of(part(items));
    }

    JsonArray array(String name) {
        return members.getValue(name) instanceof JsonArray array ? array : new JsonArray();
    }

    int number(String name, int ifAbsent) {
        return members.getValue(name) instanceof Number number ? number.intValue() : ifAbsent;
    }

    /** How many objects and arrays its smallest value has one within the other, at most {@link #LEVELS_MAX}. */
    int height() {
        return height(LEVELS_MAX);
    }

    private int height(int levels) {
        if (levels == 0 || !choices().isEmpty()) {
            return 0;
        }
        List<Schema> alternatives = alternatives();
        if (!alternatives.isEmpty()) {
            return alternatives.stream().mapToInt(option -> option.height(levels - 1)).min().orElse(0);
        }
        return switch (type(true)) {
            case "object" -> 1 + required().stream()
                    .mapToInt(name -> part(properties().getValue(name)).height(levels - 1)).max().orElse(0);
            case "array" ->
                1 + (number("minItems", 0) == 0 ? 0 : items().map(each -> each.height(levels - 1)).orElse(0));
            default -> 0;
        };
    }
}
