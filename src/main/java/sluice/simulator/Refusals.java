package sluice.simulator;

import io.vertx.core.http.HttpServerRequest;
import java.util.Map;
import sluice.simulator.wire.ApiError;

/** How the API rejects a request up front: for its key, its account's credit, its path, or its size. */
final class Refusals {
    private static final String INVALID = "invalid_request_error";
    private static final String KEYS_PAGE = "https://platform.openai.com/account/api-keys";
    private static final Map<String, String> CHALLENGE = Map.of("www-authenticate", "Bearer realm=\"OpenAI API\"");

    private Refusals() {}

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

    static ApiError insufficientQuota() {
        return new ApiError(429, "You exceeded your current quota, please check your plan and billing details. For "
                + "more information on this error, read the docs: "
                + "https://platform.openai.com/docs/guides/error-codes/api-errors.", "insufficient_quota", null,
                "insufficient_quota", Map.of());
    }

    static ApiError unknownUrl(HttpServerRequest request) {
        return new ApiError(404, "Invalid URL (" + request.method() + " " + request.path() + ")", INVALID, null, null,
                Map.of());
    }

    static ApiError tooLong(int maxBytes) {
        return new ApiError(413, "Maximum content size limit (" + maxBytes + ") exceeded", "server_error", null, null,
                Map.of());
    }

    private static String masked(String key) {
        if (key.length() <= 12) {
            return "*".repeat(key.length());
        }
        return key.substring(0, 8) + "*".repeat(Math.min(40, key.length() - 12)) + key.substring(key.length() - 4);
    }
}
