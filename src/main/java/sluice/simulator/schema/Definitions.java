package sluice.simulator.schema;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import io.vertx.core.json.pointer.JsonPointer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the references within a schema point to. */
record Definitions(JsonObject root) {
    /** References to references are followed so far, and {@code allOf} within {@code allOf} some times. */
    private static final int HOPS_MAX = 64;

    Schema schema(@Nullable Object part) {
        return new Schema(resolved(part, HOPS_MAX), this);
    }

    private JsonObject resolved(@Nullable Object part, int hops) {
        if (!(part instanceof JsonObject schema) || hops == 0) {
            return new JsonObject();
        }
        JsonObject whole = schema;
        if (schema.getValue("$ref") instanceof String reference) {
            whole = merged(resolved(target(reference), hops - 1), without("$ref", whole));
        }
        if (whole.getValue("allOf") instanceof JsonArray all) {
            whole = without("allOf", whole);
            for (Object each : all) {
                whole = merged(whole, resolved(each, hops / 2));
            }
        }
        return whole;
    }

    private @Nullable Object target(String reference) {
        if (reference.equals("#")) {
            return root;
        }
        return reference.startsWith("#/") ? JsonPointer.from(reference.substring(1)).queryJson(root) : null;
    }

    private static JsonObject without(String name, JsonObject schema) {
        JsonObject rest = new JsonObject(new LinkedHashMap<>(schema.getMap()));
        rest.remove(name);
        return rest;
    }

    /** A schema that asks for what both ask for; where they differ, the second holds. */
    static JsonObject merged(JsonObject first, JsonObject second) {
        JsonObject both = new JsonObject(new LinkedHashMap<>(first.getMap()));
        for (Map.Entry<String, Object> member : second) {
            String name = member.getKey();
            Object mine = both.getValue(name);
            if (name.equals("properties") && mine instanceof JsonObject some
                    && member.getValue() instanceof JsonObject others) {
                both.put(name, new JsonObject(new LinkedHashMap<>(some.getMap())).mergeIn(others));
            } else if (name.equals("required") && mine instanceof JsonArray some
                    && member.getValue() instanceof JsonArray others) {
                both.put(name, new JsonArray().addAll(some).addAll(others));
            } else {
                both.put(name, member.getValue());
            }
        }
        return both;
    }
}
