package sluice.simulator.schema;

import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value that fits a schema, always the same for the same schema and text. It has what the schema names, required or
 * not, and one item in each array.
 * <p>
 * <b>Recursion.</b> Deeper than {@link #DEPTH_MAX}, and once it has {@link #VALUES_MAX} values, it holds only what it
 * must: the alternative of least height, empty arrays, required names. A schema that still does not end is cut off with
 * null.
 */
public final class Example {
    private static final int DEPTH_MAX = 5;
    private static final int DEPTH_LAST = 64;
    private static final int VALUES_MAX = 10_000;
    private static final int VALUES_LAST = 2 * VALUES_MAX;

    private final String text;
    private int values;

    private Example(String text) {
        this.text = text;
    }

    /**
     * The value as JSON.
     *
     * @param text stands wherever any string fits
     */
    public static String of(JsonObject schema, String text) {
        return Json.encode(new Example(text).value(Schema.of(schema), 0, 0));
    }

    /** The value; neighbors in an array differ where they can. */
    private @Nullable Object value(Schema schema, int depth, int index) {
        values++;
        if (depth > DEPTH_LAST || values > VALUES_LAST) {
            return null;
        }
        JsonArray choices = schema.choices();
        if (!choices.isEmpty()) {
            return choices.getValue(index % choices.size());
        }
        boolean small = depth >= DEPTH_MAX || values > VALUES_MAX;
        List<Schema> alternatives = schema.alternatives();
        if (!alternatives.isEmpty()) {
            Schema best = small
                    ? alternatives.stream().min(Comparator.comparingInt(Schema::height)).orElseThrow()
                    : alternatives.getFirst();
            return value(best, depth + 1, index);
        }
        return switch (schema.type(small)) {
            case "object" -> object(schema, depth, small);
            case "array" -> array(schema, depth, small);
            case "integer" -> ExampleNumber.of(schema.members(), true, index);
            case "number" -> ExampleNumber.of(schema.members(), false, index);
            case "boolean" -> true;
            case "null" -> null;
            default -> ExampleString.of(schema, text, index);
        };
    }

    private JsonObject object(Schema schema, int depth, boolean small) {
        JsonObject object = new JsonObject();
        List<String> required = schema.required();
        for (Map.Entry<String, Object> property : schema.properties()) {
            if (!small || required.contains(property.getKey())) {
                object.put(property.getKey(), value(schema.part(property.getValue()), depth + 1, 0));
            }
        }
        Schema others = schema.additional().orElseGet(() -> schema.part(null));
        for (String name : required) {
            if (!object.containsKey(name)) {
                object.put(name, value(others, depth + 1, 0));
            }
        }
        boolean hasOthers = schema.additional().isPresent() && schema.properties().isEmpty() && !small;
        int least = Math.max(schema.number("minProperties", 0), hasOthers ? 1 : 0);
        while (object.size() < least && values <= VALUES_LAST) {
            object.put(numbered(text, object.size()), value(others, depth + 1, 0));
        }
        return object;
    }

    private JsonArray array(Schema schema, int depth, boolean small) {
        JsonArray array = new JsonArray();
        int most = schema.number("maxItems", Integer.MAX_VALUE);
        int least = Math.max(schema.number("minItems", 0), small ? 0 : Math.min(1, most));
        JsonArray first = schema.firstItems();
        for (int i = 0; i < Math.min(first.size(), most); i++) {
            array.add(value(schema.part(first.getValue(i)), depth + 1, 0));
        }
        schema.items().ifPresent(items -> {
            while (array.size() < least && values <= VALUES_LAST) {
                array.add(value(items, depth + 1, array.size()));
            }
        });
        return array;
    }

    static String numbered(String text, int index) {
        return index == 0 ? text : text + "-" + index;
    }
}
