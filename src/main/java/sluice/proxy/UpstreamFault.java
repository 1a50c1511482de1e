package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.upstream.Disposition;
import sluice.upstream.QuotaHeaders;

/** Turns an upstream answer that must not be relayed into a reason of our own. */
final class UpstreamFault {
    private static final int LONGEST = 64 * 1024;
    private static final long PATIENCE_MILLIS = 5_000;

    /** Codes and types that only money mends. */
    private static final Set<String> BILLING = Set.of("insufficient_quota", "credit_balance_exhausted",
            "organization_spend_limit_exceeded", "project_spend_limit_exceeded", "organization_usage_limit_exceeded",
            "billing_hard_limit_reached");

    private UpstreamFault() {}

    /** Reads as much of the body as is needed; never fails. The answer is paused when it comes. */
    static Future<Reason> read(Vertx vertx, UpstreamCall call, HttpClientResponse response, Disposition disposition) {
        return new ShortAnswer(vertx, call, response, LONGEST, PATIENCE_MILLIS).read()
                .map(body -> of(response.statusCode(), response.headers(), disposition, body));
    }

    /** The reason that an answer stands for. */
    static Reason of(int status, MultiMap headers, Disposition disposition, @Nullable Buffer body) {
        return switch (disposition) {
            case ACCOUNT_REFUSED -> new Reason.UpstreamRejectedAccount(status);
            case QUOTA_EXHAUSTED -> status == 402 || BILLING.contains(code(body))
                    ? new Reason.UpstreamOutOfCredit()
                    : new Reason.UpstreamQuota(QuotaHeaders.retryAfterNanos(headers));
            case WRAP, RELAY -> new Reason.UpstreamNotJson(status);
        };
    }

    private static String code(@Nullable Buffer body) {
        if (body == null) {
            return "";
        }
        try {
            JsonObject error = new JsonObject(body).getJsonObject("error", new JsonObject());
            return error.getValue("code") instanceof String code ? code : String.valueOf(error.getValue("type"));
        } catch (DecodeException | ClassCastException e) {
            return "";
        }
    }
}
