package sluice.simulator.answers;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;

/** Reads the JSON schema that a call wants its answer to fit, if it does not want plain text. */
final class AnswerFormat {
    private static final JsonObject ANY_OBJECT = new JsonObject(
            "{\"type\":\"object\",\"properties\":{\"answer\":{\"type\":\"string\"}}}");

    private AnswerFormat() {}

    static Optional<JsonObject> wanted(Endpoint endpoint, JsonObject body) {
        return switch (endpoint) {
            case CHAT -> schema(body.getValue("response_format"), "response_format", ".json_schema");
            case RESPONSES -> body.getValue("text") instanceof JsonObject text
                    ? schema(text.getValue("format"), "text.format", "")
                    : Optional.empty();
            case COMPLETIONS, EMBEDDINGS, MODERATIONS -> Optional.empty();
        };
    }

    /** Chat puts name and schema in a member of the format, Responses in the format itself. */
    private static Optional<JsonObject> schema(@Nullable Object format, String param, String within) {
        if (!(format instanceof JsonObject object)) {
            return Optional.empty();
        }
        return switch (String.valueOf(object.getValue("type"))) {
            case "text" -> Optional.empty();
            case "json_object" -> Optional.of(ANY_OBJECT);
            case "json_schema" -> Optional.of(named(within.isEmpty() ? object : object.getValue("json_schema"),
                    param + within));
            default -> throw new BadCall(ApiError.invalid("Invalid value: '" + object.getValue("type")
                    + "'. Supported values are: 'json_object', 'json_schema', and 'text'.", param + ".type",
                    "invalid_value"));
        };
    }

    private static JsonObject named(@Nullable Object holder, String param) {
        if (!(holder instanceof JsonObject object)) {
            throw new BadCall(ApiError.missing(param));
        }
        if (!(object.getValue("name") instanceof String)) {
            throw new BadCall(ApiError.missing(param + ".name"));
        }
        return object.getValue("schema") instanceof JsonObject schema ? schema : ANY_OBJECT;
    }
}
