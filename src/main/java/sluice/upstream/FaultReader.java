package sluice.upstream;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.time.Instant;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import sluice.openai.GoDuration;
import sluice.openai.OpenAiError;

/** Reads what an answer that is not relayed says, from its status, headers and error. */
final class FaultReader {
    /** Codes and types of an account that is out of service until its operators act. */
    private static final Set<String> BILLING = Set.of("insufficient_quota", "credit_balance_exhausted",
            "organization_spend_limit_exceeded", "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
            "billing_hard_limit_reached", "billing_not_active", "access_terminated", "account_deactivated");

    /** Codes about the key itself, not about what was done with it. */
    private static final Set<String> KEY = Set.of("invalid_api_key", "expired_api_key", "api_key_expired",
            "revoked_api_key");

    private static final Pattern LIMIT = Pattern.compile("Limit:? ([0-9]+)");
    private static final Pattern REQUESTED = Pattern.compile("Requested:? ([0-9]+)");

    /** What names the account or one of its keys in a message. */
    private static final Pattern NAMES = Pattern.compile("\\b(?:org-|proj_|sk-)[^\\s\"',;:)]+");

    private final MultiMap headers;
    private final Instant wall;

    FaultReader(MultiMap headers, Instant wall) {
        this.headers = headers;
        this.wall = wall;
    }

    Fault read(int status, Disposition disposition, @Nullable Buffer body) {
        OpenAiError error = error(body);
        String code = error == null ? "" : error.code() == null ? error.type() : error.code();
        if (disposition == Disposition.RELAY && error != null) {
            return new Fault.Unavailable(status, masked(error), QuotaHeaders.askedWaitNanos(headers, wall), retry());
        }
        if (disposition == Disposition.WRAP || disposition == Disposition.RELAY) {
            return new Fault.NotJson(status);
        }
        if (status == 402 || BILLING.contains(code)) {
            return new Fault.OutOfCredit();
        }
        if (disposition == Disposition.QUOTA_EXHAUSTED) {
            return quota(code, error == null ? "" : error.message());
        }
        if (status == 401 && KEY.contains(code)) {
            return new Fault.RejectedKey();
        }
        return error == null || status == 407
                ? new Fault.RejectedAccount()
                : new Fault.Forbade(masked(error));
    }

    private @Nullable Boolean retry() {
        String word = headers.get("x-should-retry");
        return "true".equalsIgnoreCase(word) ? Boolean.TRUE : "false".equalsIgnoreCase(word) ? Boolean.FALSE : null;
    }

    private static OpenAiError masked(OpenAiError error) {
        return new OpenAiError(masked(error.message()), error.type(), error.param(), error.code());
    }

    private Fault quota(String code, String message) {
        long limit = number(LIMIT, message);
        long requested = number(REQUESTED, message);
        boolean never = Boolean.FALSE.equals(retry()) && limit >= 0 && requested > limit;
        if (never || message.startsWith("Request too large")) {
            return new Fault.TooLarge(requested, requested < 0 ? -1 : limit);
        }
        long nanos = QuotaHeaders.retryAfterNanos(headers, wall);
        return switch (code) {
            case "slow_down" -> new Fault.SlowDown(nanos);
            case "resource_unavailable" -> new Fault.TierBusy(nanos);
            default -> new Fault.Quota(nanos);
        };
    }

    private static long number(Pattern pattern, String message) {
        Matcher matcher = pattern.matcher(message);
        return matcher.find() ? GoDuration.decimal(matcher.group(1), 1) : -1;
    }

    /** A message without what names the account or one of its keys. */
    static String masked(String message) {
        return NAMES.matcher(message).replaceAll("***");
    }

    /** The error in a body; null if it has none. */
    private static @Nullable OpenAiError error(@Nullable Buffer body) {
        if (body == null) {
            return null;
        }
        try {
            JsonObject error = new JsonObject(body).getJsonObject("error");
            return error == null
                    ? null
                    : new OpenAiError(text(error, "message", ""), text(error, "type", "invalid_request_error"),
                            error.getValue("param") instanceof String param ? param : null,
                            error.getValue("code") instanceof String code ? code : null);
        } catch (DecodeException | ClassCastException e) {
            return null;
        }
    }

    private static String text(JsonObject error, String name, String otherwise) {
        return error.getValue(name) instanceof String text ? text : otherwise;
    }
}
