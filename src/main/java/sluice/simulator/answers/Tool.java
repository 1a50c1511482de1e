package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import java.util.Optional;

/**
 * A function that a call offers.
 *
 * @param parameters the JSON schema of its arguments
 */
record Tool(String name, JsonObject parameters) {

    /** The function that the model wants to call: the first, if the user spoke last and the call allows it. */
    static Optional<Tool> wanted(Endpoint endpoint, JsonObject body) {
        if ("none".equals(body.getValue("tool_choice")) || !(body.getValue("tools") instanceof JsonArray tools)) {
            return Optional.empty();
        }
        return switch (endpoint) {
            case CHAT -> userSpokeLast(body.getValue("messages")) ? first(tools, "function") : Optional.empty();
            case RESPONSES -> userSpokeLast(body.getValue("input")) ? first(tools, "") : Optional.empty();
            default -> Optional.empty();
        };
    }

    private static boolean userSpokeLast(Object messages) {
        return messages instanceof String || (messages instanceof JsonArray array && !array.isEmpty()
                && array.getValue(array.size() - 1) instanceof JsonObject last && "user".equals(last.getValue("role")));
    }

    /** Chat puts name and parameters in a member of the tool, Responses in the tool itself. */
    private static Optional<Tool> first(JsonArray tools, String member) {
        return tools.stream().filter(tool -> tool instanceof JsonObject object
                && "function".equals(object.getValue("type"))).findFirst()
                .map(tool -> member.isEmpty() ? tool : ((JsonObject) tool).getValue(member))
                .filter(function -> function instanceof JsonObject object && object.getValue("name") != null)
                .map(function -> of((JsonObject) function));
    }

    private static Tool of(JsonObject function) {
        return new Tool(String.valueOf(function.getValue("name")),
                function.getValue("parameters") instanceof JsonObject schema ? schema : new JsonObject());
    }

    /** Arguments that fit the schema, with this text for every string. */
    String arguments(String text) {
        JsonObject arguments = new JsonObject();
        if (parameters.getValue("properties") instanceof JsonObject properties) {
            for (Map.Entry<String, Object> property : properties) {
                arguments.put(property.getKey(), fitting(property.getValue(), text));
            }
        } else {
            arguments.put("query", text);
        }
        return arguments.encode();
    }

    private static Object fitting(Object schema, String text) {
        if (!(schema instanceof JsonObject object)) {
            return text;
        }
        if (object.getValue("enum") instanceof JsonArray choices && !choices.isEmpty()) {
            return choices.getValue(0);
        }
        return switch (String.valueOf(object.getValue("type"))) {
            case "integer", "number" -> 1;
            case "boolean" -> true;
            case "array" -> new JsonArray();
            case "object" -> new JsonObject();
            default -> text;
        };
    }
}
