package sluice.simulator.answers;

import io.vertx.core.json.JsonObject;

/** The fields of a form as members of an object, with numbers and booleans converted from text. */
final class Fields {
    private Fields() {}

    static JsonObject typed(JsonObject fields) {
        JsonObject typed = new JsonObject();
        fields.forEach(field -> typed.put(field.getKey(), typed(field.getValue())));
        return typed;
    }

    private static Object typed(Object value) {
        if (!(value instanceof String text)) {
            return value;
        }
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        return text.matches("[0-9]{1,9}") ? Integer.valueOf(text) : text;
    }
}
