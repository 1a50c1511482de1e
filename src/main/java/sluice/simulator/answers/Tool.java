package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.simulator.schema.Example;

/**
 * A function that a call offers.
 *
 * @param parameters the JSON schema of its arguments
 */
record Tool(String name, JsonObject parameters) {

    /**
     * The function that the model wants to call: the one that the call names, or the first if the call requires one, or
     * if the user spoke last and the call allows it.
     */
    static Optional<Tool> wanted(Endpoint endpoint, JsonObject body) {
        return switch (endpoint) {
            case CHAT -> wanted(body, "messages", "function");
            case RESPONSES -> wanted(body, "input", "");
            case COMPLETIONS, EMBEDDINGS, MODERATIONS -> Optional.empty();
        };
    }

    /** Chat puts name and parameters in a member of the tool, Responses in the tool itself. */
    private static Optional<Tool> wanted(JsonObject body, String messages, String member) {
        Object choice = body.getValue("tool_choice");
        if ("none".equals(choice) || !(body.getValue("tools") instanceof JsonArray tools)) {
            return Optional.empty();
        }
        Optional<String> named = function(choice, member).map(function -> function.getString("name"));
        if (named.isEmpty() && !"required".equals(choice) && !userSpokeLast(body.getValue(messages))) {
            return Optional.empty();
        }
        return tools.stream().flatMap(tool -> function(tool, member).stream()).map(Tool::of)
                .filter(tool -> named.isEmpty() || named.get().equals(tool.name())).findFirst();
    }

    private static boolean userSpokeLast(@Nullable Object messages) {
        return messages instanceof String || (messages instanceof JsonArray array && !array.isEmpty()
                && array.getValue(array.size() - 1) instanceof JsonObject last && "user".equals(last.getValue("role")));
    }

    /** The function of a tool, or of a choice of one. */
    private static Optional<JsonObject> function(@Nullable Object tool, String member) {
        if (!(tool instanceof JsonObject object) || !"function".equals(object.getValue("type"))) {
            return Optional.empty();
        }
        Object function = member.isEmpty() ? object : object.getValue(member);
        return function instanceof JsonObject named && named.getValue("name") instanceof String
                ? Optional.of(named)
                : Optional.empty();
    }

    private static Tool of(JsonObject function) {
        return new Tool(function.getString("name"),
                function.getValue("parameters") instanceof JsonObject schema ? schema : new JsonObject());
    }

    /** Arguments that fit the schema, with this text where any string fits; without a schema, a query. */
    String arguments(String text) {
        return parameters.isEmpty()
                ? new JsonObject().put("query", text).encode()
                : Example.of(new JsonObject().put("type", "object").mergeIn(parameters), text);
    }
}
