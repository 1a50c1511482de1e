package sluice.simulator;

import io.vertx.core.MultiMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.simulator.wire.ApiError;

/** Injected errors. */
final class InjectedErrors {
    private static final String INVALID = "invalid_request_error";

    private InjectedErrors() {}

    /** What the API answers with this status. */
    static ApiError of(int status, String model) {
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

    /** No capacity for flex: it says nothing about quota, nor when to retry. */
    static ApiError resourceUnavailable() {
        return new ApiError(429,
                "Resource unavailable: there is no capacity for flex processing at the moment. Try again "
                        + "later, or with the default service tier.",
                "rate_limit_error", null, "resource_unavailable",
                Map.of());
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
}
