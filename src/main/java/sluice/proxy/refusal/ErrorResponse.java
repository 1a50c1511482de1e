package sluice.proxy.refusal;

import java.util.Arrays;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Room;
import sluice.metrics.Outcome;
import sluice.openai.Endpoint;
import sluice.openai.GoDuration;
import sluice.openai.OpenAiError;
import sluice.proxy.refusal.Reason.ModelNotServed.Bound;
import sluice.quota.Ending;
import sluice.quota.Limit;
import sluice.quota.Spending;
import sluice.quota.Verdict;
import sluice.schedule.Decision.Denied;
import sluice.schedule.Decision.Why;
import sluice.upstream.Fault;

/**
 * How a reason is reported: to the caller, to the metrics, and to the reservations.
 *
 * @param status          of HTTP; 499 for a caller that has left and gets no answer
 * @param error           the body
 * @param outcome         who caused it
 * @param ending          what happens to what the call has taken
 * @param retryAfterNanos after which it may be retried, if waiting helps
 * @param retry           whether SDKs are to retry or not; null leaves it to them
 */
public record ErrorResponse(int status, OpenAiError error, Outcome outcome, Ending ending, OptionalLong retryAfterNanos,
        @Nullable Boolean retry) {
    private static final String INVALID = "invalid_request_error";
    private static final String SERVER = "server_error";
    private static final int LONGEST_ID = 64;

    private static final String OWN_ROUTES = Arrays.stream(Endpoint.values()).filter(Endpoint::own)
            .map(own -> own.method() + " /v1" + own.path()).collect(Collectors.joining(" and "));

    /** Why an account cannot serve, if waiting for quota does not help. */
    private static final Set<String> OUT_OF_SERVICE = Set.of("breaker", "unreachable", "keys_rejected",
            "out_of_credit");

    /** The last HTTP status; clients do not handle higher ones. */
    public static final int LAST_STATUS = 599;

    public static ErrorResponse of(Reason reason) {
        return switch (reason) {
            case Reason.MalformedPath(String why) ->
                callers(400, "The request path is invalid: " + why + ".", null, "invalid_path");
            case Reason.MalformedHttp(int status, String why) -> callers(status, why, null, "invalid_http");
            case Reason.MalformedHeader(String why) -> callers(400, why, null, "invalid_header");
            case Reason.UnknownUrl(String method, String path) -> callers(404,
                    "Unknown request URL: " + method + " " + path
                            + ". Check its spelling, and that the base URL of your SDK ends in /v1, once.",
                    null, "unknown_url");
            case Reason.UnknownOwnUrl(String method, String path) -> callers(404, "Unknown request URL: " + method + " "
                    + path + ". The gateway's own routes are " + OWN_ROUTES + ".", null, "unknown_url");
            case Reason.WrongMethod(String method, String path, String allowed) -> callers(405,
                    method + " is not allowed on " + path + ". Use " + allowed + ".", null, "method_not_allowed");
            case Reason.MissingKey() ->
                callers(401, "You didn't provide an API key. Send the one that this gateway gave your "
                        + "service as 'Authorization: Bearer YOUR_KEY'.", null, "invalid_api_key");
            case Reason.WrongKey() -> wrongKey(Ending.NOT_RUN);
            case Reason.WrongToken(String why) -> callers(401, "Incorrect token provided. " + why, null,
                    "invalid_api_key");
            case Reason.IdentityUnavailable(String why) -> waiting(503, Ending.NOT_RUN,
                    new OpenAiError(why + " Please try again.", SERVER, null, "identity_unavailable"),
                    Outcome.GATEWAY, TimeUnit.SECONDS.toNanos(5));
            case Reason.TokenUnchecked(String why) -> waiting(503, Ending.NOT_RUN,
                    new OpenAiError(why + " Please try again.", SERVER, null, "overloaded"), Outcome.GATEWAY,
                    TimeUnit.SECONDS.toNanos(1));
            case Reason.WrongCertificate(String why) -> callers(401, why, null, "invalid_api_key");
            case Reason.TwoTenants() -> callers(401, "Your credentials belong to different tenants: key, token "
                    + "and client certificate must all be those of one service.", null, "invalid_api_key");
            case Reason.HalfProven(boolean key) -> callers(401, key
                    ? "Your service must prove its identity in addition to its key: send its token as 'Authorization: Bearer "
                            + "TOKEN' and its key as 'x-sluice-key', or present its client certificate."
                    : "Your service must send its key too, as 'x-sluice-key'.", null, "invalid_api_key");
            case Reason.AddressNotAllowed(String address) -> callers(401, "Your service may not call from "
                    + (address.isEmpty() ? "an unknown address" : address)
                    + ". Ask the gateway's operators to add it to 'from' of your tenant.", null, "ip_not_authorized");
            case Reason.KeyRevoked(Ending ending) -> wrongKey(ending);
            case Reason.EndpointNotAllowed(String method, String path, var wanted) -> callers(403,
                    "Your service may not call " + method + " " + path + ". Ask the gateway's operators to add '"
                            + wanted.key() + "' to 'endpoints' of your tenant.",
                    null,
                    "endpoint_not_allowed");
            case Reason.UpgradeRequired(String path) ->
                callers(426, "This URL (" + path + ") is a WebSocket. Open it as "
                        + "one: GET over HTTP/1.1 with 'Upgrade: websocket'.", null, "upgrade_required");
            case Reason.UpgradeNotSupported(String path) ->
                callers(400, "This URL (" + path + ") cannot become a WebSocket. Send the request without "
                        + "'Upgrade: websocket'; /v1/responses, /v1/realtime and /v1/live/sessions are WebSockets, by GET.",
                        null,
                        "upgrade_not_supported");
            case Reason.UpgradeRefused(int status) -> failed(status == 404 || status == 400 ? status : 502,
                    "The upstream did not open the WebSocket (status " + status + ").", "upstream_error",
                    Outcome.UPSTREAM, null);
            case Reason.ObjectNotFound(String id) -> callers(404, "No object '" + shortened(id)
                    + "' was found: it does not exist, or your service has not made it.", null, "object_not_found");
            case Reason.OwnersUnavailable(String why) -> waiting(503, Ending.NOT_RUN,
                    new OpenAiError(why + " Please try again.", SERVER, null, "ownership_unavailable"),
                    Outcome.GATEWAY, TimeUnit.SECONDS.toNanos(1));
            case Reason.BadBody(var fault) -> callers(400, fault.reason(), fault.param(), fault.code());
            case Reason.CompressedBody() -> callers(415, "Compressed request bodies are not supported. Send the body "
                    + "as it is, without Content-Encoding.", null, "unsupported_encoding");
            case Reason.BadHeader(String name, String expected) ->
                callers(400, "The header " + name + " is invalid. Send "
                        + expected + ".", name, "invalid_header");
            case Reason.BadParameter(String name, String expected) -> callers(400,
                    "The query parameter " + name + " is invalid. Send " + expected + ".", name,
                    "invalid_value");
            case Reason.MissingTag(String key) -> callers(400,
                    "Every call of your service must be tagged with its '" + key
                            + "'. Send a header such as 'x-sluice-tags: "
                            + key
                            + "=VALUE'.",
                    "x-sluice-tags", "invalid_header");
            case Reason.LedgerNotShared() -> new ErrorResponse(409,
                    new OpenAiError("Usage is not kept here: each replica of the gateway has a ledger of its own. Its "
                            + "operators must set ledger.url to a PostgreSQL database.", SERVER, null,
                            "ledger_not_shared"),
                    Outcome.GATEWAY, Ending.NOT_RUN, OptionalLong.empty(), false);
            case Reason.LedgerAway() -> waiting(503, Ending.NOT_RUN,
                    new OpenAiError("The ledger is unavailable at the moment. Please try again.", SERVER, null,
                            "ledger_unavailable"),
                    Outcome.GATEWAY, TimeUnit.SECONDS.toNanos(1));
            case Reason.ModelUnnamed() -> callers(400, "Your service may only use certain models, so every call must "
                    + "name one. Send 'model'.", "model", "missing_required_parameter");
            case Reason.MissingModel() ->
                callers(400, "You must provide a model parameter.", "model", "missing_required_parameter");
            case Reason.TwoModels(String inPath) -> callers(400, "The path names the model '" + inPath
                    + "' and the body a different one. Name only one.", "model", "duplicate_field");
            case Reason.ModelNotAllowed(String model) -> callers(403, "Your service may not use the model '" + model
                    + "'. GET /v1/models lists those that it may. Or ask the gateway's operators to add it to 'models' "
                    + "of your tenant.", "model",
                    "model_not_allowed");
            case Reason.ModelNotServed(String model, var bound) -> notServed("the model '" + model + "'", bound);
            case Reason.BodyTooLarge(long limit) -> callers(413, "The request body exceeds " + limit
                    + " bytes. Send less per request.", null, "request_too_large");
            case Reason.BodyTimeout() -> callers(408,
                    "The request body stalled or arrived too slowly. Send it faster.", null, "request_timeout");
            case Reason.LimitReached(var verdict) -> limit(verdict);
            case Reason.BudgetSpent(var refused) -> budget(refused);
            case Reason.ModelNotPriced(String model) -> callers(403,
                    "Your service has a budget, and the model '" + model
                            + "' has no price. Ask the gateway's operators to add it to 'prices'.",
                    "model", "model_not_priced");
            case Reason.TooManyInFlight(int limit, long nanos) -> waiting(429,
                    new OpenAiError("Concurrency limit reached: your service may have "
                            + limit + (limit == 1 ? " call" : " calls") + " in flight at once. Wait for one to finish.",
                            "requests", null,
                            "concurrency_limit_exceeded"),
                    Outcome.TENANT, nanos);
            case Reason.NoPermit(var denied) -> noPermit(denied);
            case Reason.UpstreamFault(Fault fault) -> of(fault);
            case Reason.UpstreamRejectedKey(boolean another) -> of(new Fault.RejectedAccount());
            case Reason.UpstreamStatus(int status) -> failed(502, "The upstream answered with status " + status
                    + ", which is not a valid status.", "upstream_error", Outcome.UPSTREAM, null);
            case Reason.UpstreamTooLong() -> failed(502, "The upstream's answer is too long.",
                    "upstream_error", Outcome.UPSTREAM, null);
            case Reason.UpstreamUnreachable() -> waiting(503,
                    new OpenAiError("The upstream cannot be reached. Please try again.", SERVER, null,
                            "upstream_unavailable"),
                    Outcome.UPSTREAM, TimeUnit.SECONDS.toNanos(1));
            case Reason.UpstreamBroke(boolean whole) -> maybeRun(502,
                    "The upstream closed the connection before it answered.", "upstream_error", whole);
            case Reason.UpstreamTimeout(boolean whole) -> maybeRun(504,
                    "The upstream did not start answering in time.", "upstream_timeout", whole);
            case Reason.Overloaded(String what, Room room) -> overloaded(what, room);
            case Reason.Draining(Ending ending) -> new ErrorResponse(503,
                    new OpenAiError("This replica of the gateway is shutting down. Please try again.", SERVER, null,
                            "draining"),
                    Outcome.GATEWAY, ending, OptionalLong.of(TimeUnit.SECONDS.toNanos(1)), null);
            case Reason.KeyReused() -> callers(422, "The header Idempotency-Key came with another request before. Send "
                    + "a new key with each request, and the same one only to repeat it unchanged.", "idempotency-key",
                    "idempotency_key_reused");
            case Reason.KeyInUse() -> new ErrorResponse(409,
                    new OpenAiError("The first request with this Idempotency-Key is still being answered. Please try "
                            + "again when it is over.", INVALID, "idempotency-key", "idempotency_key_in_use"),
                    Outcome.TENANT, Ending.NOT_RUN, OptionalLong.of(TimeUnit.SECONDS.toNanos(1)), null);
            case Reason.NotCached() -> new ErrorResponse(504,
                    new OpenAiError("The call asked for a cached answer only, and there is none.",
                            INVALID, null, "not_cached"),
                    Outcome.TENANT, Ending.NOT_RUN, OptionalLong.empty(), false);
            case Reason.ClientGone(Ending ending) ->
                new ErrorResponse(499, new OpenAiError("The caller disconnected.", INVALID, null, null),
                        Outcome.CLIENT_GONE, ending, OptionalLong.empty(), null);
            case Reason.Internal(boolean whole) ->
                new ErrorResponse(500,
                        new OpenAiError("The gateway failed. Please try again; if it keeps failing, give its "
                                + "operators the x-sluice-request-id.", SERVER, null, "internal_error"),
                        Outcome.GATEWAY,
                        whole ? Ending.AS_RESERVED : Ending.NOT_SENT, OptionalLong.empty(), null);
        };
    }

    /** How a fault of the upstream is passed on. */
    private static ErrorResponse of(Fault fault) {
        return switch (fault) {
            case Fault.Quota(long nanos) -> waiting(429, Ending.NOT_RUN,
                    new OpenAiError("The upstream reports that the quota your service "
                            + "shares is exhausted. Please try again in " + GoDuration.format(nanos) + ".", "requests",
                            null,
                            "upstream_quota_exhausted"),
                    Outcome.UPSTREAM, nanos);
            case Fault.SlowDown(long nanos) -> of(new Fault.Quota(nanos));
            case Fault.TierBusy(long nanos) -> waiting(429,
                    new OpenAiError("The upstream has no capacity for this service tier right now. Please try "
                            + "again, or ask for another service_tier.", "requests", null, "upstream_quota_exhausted"),
                    Outcome.UPSTREAM, nanos);
            case Fault.TooLarge(long requested, long limit) -> callers(400, "Request too large"
                    + (limit < 0
                            ? ""
                            : ": it needs " + requested + " and the upstream's limit for this model holds "
                                    + limit)
                    + ". Send less text, or ask for a shorter answer.", null, "request_exceeds_limit");
            case Fault.Forbade(OpenAiError error) ->
                new ErrorResponse(403, error, Outcome.UPSTREAM, Ending.NOT_RUN, OptionalLong.empty(), null);
            case Fault.Unavailable(int status, OpenAiError error, OptionalLong nanos, Boolean retry) ->
                new ErrorResponse(status, error, Outcome.UPSTREAM, Ending.NOT_RUN, nanos, retry);
            case Fault.OutOfCredit() ->
                failed(503, "The upstream has suspended this gateway's account. The gateway's operators "
                        + "must check its billing.", "upstream_unavailable", Outcome.UPSTREAM, false);
            case Fault.RejectedKey() -> of(new Fault.RejectedAccount());
            case Fault.RejectedAccount() -> failed(502,
                    "The upstream rejected the gateway's own credentials or permissions. "
                            + "Your key is fine; the gateway's operators must check the account.",
                    "upstream_error", Outcome.UPSTREAM, null);
            case Fault.NotJson(int status) when status > LAST_STATUS -> of(new Reason.UpstreamStatus(status));
            case Fault.NotJson(int status) -> failed(status, "The upstream failed with status " + status + ".",
                    "upstream_error", Outcome.UPSTREAM, null);
        };
    }

    private static ErrorResponse limit(Verdict.Refused verdict) {
        Limit limit = verdict.limit();
        if (verdict.waitNanos() == Verdict.NEVER) {
            return callers(400, "Request too large: it needs " + verdict.amount() + " " + limit.kind().unit().key()
                    + " and the limit (" + limit.kind().name() + ") holds " + limit.amount()
                    + ". Send less text, or ask for "
                    + "a shorter answer.", null, "request_exceeds_limit");
        }
        String what = limit.kind().unit().key() + " per " + (limit.kind().window().toDays() > 0 ? "day" : "min");
        String subject = switch (verdict.subject()) {
            case "" -> "your service";
            case Verdict.USER -> "this end user of your service";
            default -> "models " + verdict.subject();
        };
        String message = String.format(Locale.ROOT,
                "Rate limit reached for %s on %s (%s): Limit %d. Please try again in %s.", subject, what,
                limit.kind().name(), limit.amount(), GoDuration.format(verdict.waitNanos()));
        return waiting(429, new OpenAiError(message, limit.kind().unit().key(), null, "rate_limit_exceeded"),
                Outcome.TENANT,
                verdict.waitNanos());
    }

    private static ErrorResponse budget(Spending.Answer.Refused refused) {
        OpenAiError error = new OpenAiError(BudgetText.of(refused), "insufficient_quota", null, "insufficient_quota");
        return new ErrorResponse(429, error, Outcome.TENANT, Ending.NOT_SENT,
                BudgetText.fits(refused) ? OptionalLong.of(BudgetText.resetNanos(refused)) : OptionalLong.empty(),
                false);
    }

    private static ErrorResponse noPermit(Denied denied) {
        if (denied.why() == Why.CLOSED) {
            return of(new Reason.Draining(Ending.NOT_SENT));
        }
        if (denied.why() == Why.NOT_SERVED) {
            return notServed("the model of this call any more", Bound.NOTHING);
        }
        String again = " Please try again in " + GoDuration.format(denied.retryAfterNanos()) + ".";
        if (OUT_OF_SERVICE.contains(denied.because())) {
            return waiting(503,
                    new OpenAiError("The upstream is not serving this gateway at the moment." + again, SERVER, null,
                            "upstream_unavailable"),
                    Outcome.UPSTREAM, denied.retryAfterNanos());
        }
        String why = switch (denied.why()) {
            case QUEUE_FULL -> "too many calls are already waiting for it";
            case SHARE_FULL -> "your service already holds its share of the waiting places";
            case TOO_LONG -> "your call's turn would come later than it may wait (the least of your tenant's max-wait, "
                    + "x-sluice-max-wait, and half of your SDK's timeout)";
            case DEADLINE -> "your call has waited as long as allowed";
            case TOO_LARGE, REFUSED, CLOSED, NOT_SERVED -> "";
        };
        return denied.why() == Why.TOO_LARGE
                ? callers(400,
                        "Your request needs more tokens than the upstream quota can ever hold. Send less text, or "
                                + "ask for a shorter answer.",
                        null, "request_exceeds_limit")
                : waiting(429,
                        new OpenAiError("The upstream quota that your service shares is exhausted, and " + why + "."
                                + again, "requests", null, "upstream_quota_exhausted"),
                        Outcome.UPSTREAM, denied.retryAfterNanos());
    }

    private static ErrorResponse notServed(String model, Bound bound) {
        String message = switch (bound) {
            case NOTHING -> "No upstream account of your service serves " + model
                    + ". GET /v1/models lists those that are served. Or ask the gateway's operators to add it to "
                    + "'serves' of an account, or an account that serves it to "
                    + "'accounts' of your tenant.";
            case OBJECTS -> notServedThere("keeps what your service stores", model,
                    "A call that stores nothing ('store': false) and names nothing stored may go to another account");
            case SOCKET -> notServedThere("this WebSocket leads to", model,
                    "A call over HTTP, or a realtime session of this model, may go to another account");
            case FORM -> notServedThere("this form was sent to", model,
                    "A form that names its model before its file may go to another account");
        };
        // A form has been sent in part.
        Ending ending = bound == Bound.FORM ? Ending.NOT_RUN : Ending.NOT_SENT;
        return new ErrorResponse(404, new OpenAiError(message, INVALID, "model", "model_not_found"), Outcome.TENANT,
                ending, OptionalLong.empty(), null);
    }

    private static String notServedThere(String account, String model, String remedy) {
        return "The account that " + account + " does not serve " + model + ". " + remedy
                + ". Or ask the gateway's operators to add the model to 'serves' of this one.";
    }

    private static ErrorResponse overloaded(String what, Room room) {
        boolean own = room == Room.OWN_SHARE;
        String message = own
                ? "Your service already holds its share of the gateway's " + what
                        + "; the rest is reserved for others. "
                        + "Wait for some of its calls to finish, then try again."
                : "The gateway is out of " + what + " at the moment. Please try again.";
        return waiting(503, new OpenAiError(message, SERVER, null, "overloaded"),
                own ? Outcome.TENANT : Outcome.GATEWAY, TimeUnit.SECONDS.toNanos(1));
    }

    private static ErrorResponse callers(int status, String message, @Nullable String param, String code) {
        return new ErrorResponse(status, new OpenAiError(message, INVALID, param, code), Outcome.TENANT, Ending.NOT_RUN,
                OptionalLong.empty(), null);
    }

    /** Waiting helps. */
    private static ErrorResponse waiting(int status, OpenAiError error, Outcome outcome, long nanos) {
        return waiting(status, Ending.NOT_SENT, error, outcome, nanos);
    }

    private static ErrorResponse waiting(int status, Ending ending, OpenAiError error, Outcome outcome, long nanos) {
        return new ErrorResponse(status, error, outcome, ending, OptionalLong.of(nanos), null);
    }

    private static ErrorResponse failed(int status, String message, String code, Outcome outcome,
            @Nullable Boolean retry) {
        return new ErrorResponse(status, new OpenAiError(message, SERVER, null, code), outcome, Ending.NOT_RUN,
                OptionalLong.empty(),
                retry);
    }

    /** The caller decides whether to retry, as with OpenAI itself. */
    private static ErrorResponse maybeRun(int status, String message, String code, boolean whole) {
        return new ErrorResponse(status,
                new OpenAiError(message + (whole ? " The model may have run." : " The model has not run."), SERVER,
                        null, code),
                Outcome.UPSTREAM, whole ? Ending.AS_RESERVED : Ending.NOT_SENT, OptionalLong.empty(), null);
    }

    private static ErrorResponse wrongKey(Ending ending) {
        return new ErrorResponse(401,
                new OpenAiError(
                        "Incorrect API key provided: this gateway does not know it, or it has expired. Use the key "
                                + "that the gateway gave your service, not one of OpenAI's.",
                        INVALID, null, "invalid_api_key"),
                Outcome.TENANT, ending, OptionalLong.empty(), null);
    }

    /** Repeats no more of what a caller sent than it takes to recognize it. */
    private static String shortened(String id) {
        return id.length() > LONGEST_ID ? id.substring(0, LONGEST_ID) + "…" : id;
    }
}
