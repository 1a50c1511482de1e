package sluice.simulator;

import io.vertx.core.MultiMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.simulator.wire.ApiError;

/** How the API reports its limits: the {@code x-ratelimit} headers and the 429s. */
final class RateLimitAnswer {
    private static final long NANOS_PER_MILLI = 1_000_000;
    private static final String MORE = " Visit https://platform.openai.com/account/rate-limits to learn more.";

    private RateLimitAnswer() {}

    /** Headers for one request limit and one token limit, preferring the limit per minute over the one per day. */
    static void putHeaders(List<Quotas.Level> levels, MultiMap headers) {
        for (Quotas.Level level : levels) {
            String type = level.kind().type;
            if (!headers.contains("x-ratelimit-limit-" + type)) {
                headers.set("x-ratelimit-limit-" + type, String.valueOf(level.limit()));
                headers.set("x-ratelimit-remaining-" + type, String.valueOf(level.remaining()));
                headers.set("x-ratelimit-reset-" + type, GoDuration.ofNanos(level.resetNanos()));
            }
        }
    }

    /** The error of a call that was not granted. */
    static Optional<ApiError> refusal(Quotas.Decision decision, String model, String organization) {
        return switch (decision) {
            case Quotas.Granted granted -> Optional.empty();
            case Quotas.Refused refused -> Optional.of(of(refused, model, organization));
            case Quotas.TooLarge tooLarge -> Optional.of(of(tooLarge, model, organization));
        };
    }

    static ApiError of(Quotas.Refused refused, String model, String organization) {
        long waitMillis = Math.max(1, refused.waitNanos() / NANOS_PER_MILLI);
        String message = "Rate limit reached for " + model + " in organization " + organization + " on "
                + refused.kind().text + ": Limit " + refused.limit() + ", Used " + refused.used() + ", Requested "
                + refused.requested() + ". Please try again in " + GoDuration.ofNanos(waitMillis * NANOS_PER_MILLI)
                + "." + MORE;
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("retry-after", String.valueOf(Math.ceilDiv(waitMillis, 1000)));
        headers.put("retry-after-ms", String.valueOf(waitMillis));
        return new ApiError(429, message, refused.kind().type, null, "rate_limit_exceeded", headers);
    }

    static ApiError of(Quotas.TooLarge tooLarge, String model, String organization) {
        String message = "Request too large for " + model + " in organization " + organization + " on "
                + tooLarge.kind().text + ": Limit " + tooLarge.limit() + ", Requested " + tooLarge.requested()
                + ". The input or output tokens must be reduced in order to run successfully." + MORE;
        return new ApiError(429, message, tooLarge.kind().type, null, "rate_limit_exceeded",
                Map.of("x-should-retry", "false"));
    }
}
