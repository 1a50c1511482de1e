package sluice.simulator;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An error of the API: its status, the four members of its envelope, and its own headers. */
record ApiError(int status, String message, String type, @Nullable String param, @Nullable String code,
        Map<String, String> headers) {
    private static final String INVALID = "invalid_request_error";
    private static final String KEYS_PAGE = "https://platform.openai.com/account/api-keys";
    private static final Map<String, String> CHALLENGE = Map.of("www-authenticate", "Bearer realm=\"OpenAI API\"");

    static ApiError invalid(String message, @Nullable String param, @Nullable String code) {
        return new ApiError(400, message, INVALID, param, code, Map.of());
    }

    static ApiError missing(String param) {
        return invalid("Missing required parameter: '" + param + "'.", param, "missing_required_parameter");
    }

    static ApiError unparsable() {
        return invalid("We could not parse the JSON body of your request. (HINT: This likely means you aren't using "
                + "your HTTP library correctly. The OpenAI API expects a JSON payload, but what was sent was not "
                + "valid JSON.)", null, null);
    }

    static ApiError malformedForm() {
        return invalid("Could not parse multipart form", null, null);
    }

    static ApiError notFound(String object, String id) {
        return new ApiError(404, "No such " + object + " object: " + id, INVALID, "id", null, Map.of());
    }

    static ApiError unknownPreviousResponse(String id) {
        return invalid("Previous response with id '" + id + "' not found.", "previous_response_id",
                "previous_response_not_found");
    }

    static ApiError tooLong(int maxBytes) {
        return new ApiError(413, "Maximum content size limit (" + maxBytes + ") exceeded", "server_error", null, null,
                Map.of());
    }

    static ApiError noKey() {
        return new ApiError(401, "You didn't provide an API key. You need to provide your API key in an Authorization "
                + "header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY), or as the password field (with "
                + "blank username) if you're accessing the API from your browser and are prompted for a username and "
                + "password. You can obtain an API key from " + KEYS_PAGE + ".", INVALID, null, null, CHALLENGE);
    }

    static ApiError wrongKey(String key) {
        return new ApiError(401, "Incorrect API key provided: " + masked(key) + ". You can find your API key at "
                + KEYS_PAGE + ".", INVALID, null, "invalid_api_key", CHALLENGE);
    }

    static ApiError unknownUrl(HttpServerRequest request) {
        return new ApiError(404, "Invalid URL (" + request.method() + " " + request.path() + ")", INVALID, null, null,
                Map.of());
    }

    static ApiError unknownModel(String model) {
        return new ApiError(404, "The model `" + model + "` does not exist or you do not have access to it.", INVALID,
                null, "model_not_found", Map.of());
    }

    static ApiError insufficientQuota() {
        return new ApiError(429, "You exceeded your current quota, please check your plan and billing details. For "
                + "more information on this error, read the docs: "
                + "https://platform.openai.com/docs/guides/error-codes/api-errors.", "insufficient_quota", null,
                "insufficient_quota", Map.of());
    }

    /** An injected error. */
    static ApiError injected(int status, String model) {
        return switch (status) {
            case 429 -> new ApiError(status, "Rate limit reached for " + model + ". Please try again in 1s.",
                    "requests", null, "rate_limit_exceeded", Map.of("retry-after", "1", "retry-after-ms", "1000"));
            case 503 -> new ApiError(status, "The server is currently overloaded with other requests. Sorry about "
                    + "that! You can retry your request, or contact us through our help center at help.openai.com if "
                    + "the error persists.", "service_unavailable_error", null, "server_is_overloaded", Map.of());
            default -> status >= 500
                    ? new ApiError(status, "The server had an error while processing your request. Sorry about that!",
                            "server_error", null, null, Map.of())
                    : new ApiError(status, "The request was refused on purpose.", INVALID, null, null, Map.of());
        };
    }

    /**
     * The error that a request's headers ask for: {@code x-simulator-code}, and optionally {@code x-simulator-message},
     * {@code -retry-after} and {@code -should-retry}. It spends no quota.
     */
    static Optional<ApiError> wanted(int status, MultiMap headers) {
        String code = headers.get("x-simulator-code");
        if (code == null || status < 400) {
            return Optional.empty();
        }
        Map<String, String> own = new HashMap<>();
        for (String name : List.of("retry-after", "should-retry")) {
            String value = headers.get("x-simulator-" + name);
            if (value != null) {
                own.put(name.equals("retry-after") ? name : "x-" + name, value);
            }
        }
        String message = headers.get("x-simulator-message");
        return Optional.of(new ApiError(status, message == null ? "Refused with " + code + "." : message, INVALID, null,
                code, Map.copyOf(own)));
    }

    /** Whether the real API's network would answer with an HTML page instead of an envelope. */
    boolean isPage() {
        return status == 502 || status == 504 || (status >= 520 && status <= 526);
    }

    Buffer body() {
        return isPage() ? page() : envelope();
    }

    private Buffer envelope() {
        return new JsonObject().put("error", members()).toBuffer();
    }

    /** The members of the envelope. */
    JsonObject members() {
        return new JsonObject().put("message", message).put("type", type).put("param", param).put("code", code);
    }

    private Buffer page() {
        String title = status
                + (status == 504 ? " Gateway Time-out" : status == 502 ? " Bad Gateway" : " Web Server Error");
        return Buffer.buffer("<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title
                + "</h1></center>\r\n<hr><center>cloudflare</center>\r\n</body>\r\n</html>\r\n");
    }

    private static String masked(String key) {
        if (key.length() <= 12) {
            return "*".repeat(key.length());
        }
        return key.substring(0, 8) + "*".repeat(Math.min(40, key.length() - 12)) + key.substring(key.length() - 4);
    }
}
