package sluice.simulator.wire;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An error of the API: its status, the four members of its envelope, and its own headers. */
public record ApiError(int status, String message, String type, @Nullable String param, @Nullable String code,
        Map<String, String> headers) {
    private static final String INVALID = "invalid_request_error";

    public static ApiError invalid(String message, @Nullable String param, @Nullable String code) {
        return new ApiError(400, message, INVALID, param, code, Map.of());
    }

    public static ApiError missing(String param) {
        return invalid("Missing required parameter: '" + param + "'.", param, "missing_required_parameter");
    }

    public static ApiError unparsable() {
        return invalid("We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
                + "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not "
                + "valid JSON.)", null, null);
    }

    public static ApiError malformedForm() {
        return invalid("Could not parse multipart form", null, null);
    }

    public static ApiError notFound(String object, String id) {
        return new ApiError(404, "No such " + object + " object: " + id, INVALID, "id", null, Map.of());
    }

    public static ApiError unknownPreviousResponse(String id) {
        return invalid("Previous response with id '" + id + "' not found.", "previous_response_id",
                "previous_response_not_found");
    }

    public static ApiError unknownModel(String model) {
        return new ApiError(404, "The model `" + model + "` does not exist or you do not have access to it.", INVALID,
                null, "model_not_found", Map.of());
    }

    /** Whether the real API's network would answer with an HTML page instead of an envelope. */
    public boolean isPage() {
        return status == 502 || status == 504 || (status >= 520 && status <= 526);
    }

    public Buffer body() {
        return isPage() ? page() : envelope();
    }

    private Buffer envelope() {
        return new JsonObject().put("error", members()).toBuffer();
    }

    /** The members of the envelope. */
    public JsonObject members() {
        return new JsonObject().put("message", message).put("type", type).put("param", param).put("code", code);
    }

    private Buffer page() {
        String title = status
                + (status == 504 ? " Gateway Time-out" : status == 502 ? " Bad Gateway" : " Web Server Error");
        return Buffer.buffer("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title
                + "</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n");
    }
}
