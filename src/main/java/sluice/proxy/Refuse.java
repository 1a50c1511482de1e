package sluice.proxy;

import static java.lang.Boolean.FALSE;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.inbound.Discard;
import sluice.inbound.InboundRequest;
import sluice.inbound.InboundResponse;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Origin;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.metrics.Stopwatch;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Exchange.OfFunded;
import sluice.proxy.refusal.ErrorResponse;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.proxy.refusal.SdkPatience;
import sluice.proxy.refusal.WhyRefused;
import sluice.quota.Ending;
import sluice.tenancy.Tenancy;

/**
 * Answers a call that a stage has refused or that has failed, as an OpenAI error. The rest of the call's body is
 * discarded first, within bounds, so that the connection can be used again.
 */
public final class Refuse {
    private static final Logger LOG = LoggerFactory.getLogger(Refuse.class);

    private final Vertx vertx;
    private final GatewayHeaders gatewayHeaders;

    public Refuse(Vertx vertx, GatewayHeaders gatewayHeaders) {
        this.vertx = vertx;
        this.gatewayHeaders = gatewayHeaders;
    }

    /** A refused call: where it came from, and what was known of it. */
    private record Refused(InboundRequest request, Origin origin, Stopwatch times, @Nullable Tenancy tenancy,
            Facts facts, Throwable failure) {

        Reason reason() {
            return Refusal.reasonOf(failure);
        }
    }

    /** Answers a call whose tenant is known. */
    Future<Answer> apply(Caller caller, Throwable failure) {
        Arrival arrival = caller.arrival();
        return apply(new Refused(arrival.request(), arrival.origin(), arrival.times(), caller.tenancy(),
                Refusal.factsOf(failure, caller), failure));
    }

    /** Answers a call whose tenant is not known, or may not call. */
    Future<Answer> apply(Arrival arrival, Throwable failure) {
        return apply(new Refused(arrival.request(), arrival.origin(), arrival.times(), null,
                Refusal.factsOf(failure, arrival), failure));
    }

    /** Answers a request that never becomes a call. */
    public Future<Answer> apply(InboundRequest request, Origin origin, Stopwatch times, Reason reason) {
        return apply(new Refused(request, origin, times, null, Facts.NONE, new Refusal(reason)));
    }

    private Future<Answer> apply(Refused refused) {
        Reason reason = refused.reason();
        InboundRequest request = refused.request();
        ErrorResponse shown = Refusal.responseOf(refused.failure());
        if (reason instanceof Reason.Internal) {
            LOG.error("call {} failed", refused.origin().id(), refused.failure());
        }
        if (shown.outcome() == Outcome.CLIENT_GONE || request.response().isEnded()) {
            return Future.succeededFuture(answer(refused, shown, 0));
        }
        if (request.response().headWritten()) {
            request.response().cancel();
            return Future.succeededFuture(answer(refused, shown, 0));
        }
        if (reason instanceof Reason.MalformedHttp || reason instanceof Reason.MalformedHeader) {
            return Future.succeededFuture(answer(refused, shown, write(refused, shown, false)));
        }
        return Discard.rest(vertx, request).map(clean -> answer(refused, shown, write(refused, shown, clean)));
    }

    private static Answer answer(Refused refused, ErrorResponse shown, long bytes) {
        String code = shown.error().code();
        return new Answer(refused.facts(), new Spent.Told(shown.status(), shown.outcome(), code == null ? "" : code,
                bytes, use(refused.facts(), shown.ending()), WhyRefused.of(refused.reason())), shown.ending());
    }

    /** A call that fails after it was sent may have run a model all the same. */
    private static ModelUse use(Facts facts, Ending ending) {
        return !(facts instanceof OfFunded call) ? ModelUse.nothing() : switch (ending) {
            case Ending.AsReserved() -> call.estimate(call.funded().expected().output());
            case Ending.Used(var _) -> call.estimate(0);
            case Ending.NotSent(),Ending.NotRun() -> ModelUse.nothing();
        };
    }

    /** Writes the answer, and returns the length of its body in bytes. */
    private long write(Refused refused, ErrorResponse shown, boolean clean) {
        InboundRequest request = refused.request();
        InboundResponse response = request.response();
        if (response.isEnded() || response.isClosed()) {
            return 0;
        }
        Reason reason = refused.reason();
        Buffer body = shown.error().toBuffer();
        response.status(shown.status());
        response.header(HttpHeaders.CONTENT_TYPE, "application/json");
        response.header(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        response.header("x-request-id", refused.origin().requestId());
        response.header(Headers.ERROR_SOURCE, shown.outcome().label());
        if (shown.status() == 401) {
            response.header("www-authenticate", "Bearer realm=\"Sluice\"");
        }
        if (reason instanceof Reason.WrongMethod wrong) {
            response.header(HttpHeaders.ALLOW, wrong.allowed());
        }
        if (reason instanceof Reason.UpgradeRequired) {
            response.header(HttpHeaders.UPGRADE, "websocket");
        }
        shown.retryAfterNanos().ifPresent(nanos -> retryAfter(response, nanos));
        Boolean retry = SdkPatience.of(request.headers()).outlasts(shown.retryAfterNanos()) ? shown.retry() : FALSE;
        if (retry != null) {
            response.header("x-should-retry", retry.toString());
        }
        gatewayHeaders.add(response, refused.origin(), refused.times(), refused.facts(), refused.tenancy());
        switch (reason) {
            case Reason.LimitReached(var verdict) -> Headers.refusedBy(response.headers(), verdict);
            case Reason.BudgetSpent(var budget) -> Headers.refusedBy(response.headers(), budget.name());
            case Reason.TooManyInFlight full -> Headers.refusedBy(response.headers(), full.name());
            default -> {
                // No limit of the tenant refused it.
            }
        }
        if (clean || response.isMultiplexed()) {
            response.end(body);
            if (!clean) {
                Discard.andStop(vertx, request);
            }
            return body.length();
        }
        response.closing();
        response.write(body);
        Discard.linger(vertx, request).onComplete(over -> {
            if (!response.isClosed()) {
                response.end().onComplete(written -> request.closeConnection());
            }
        });
        return body.length();
    }

    /** In seconds, rounded up, and exactly. Waits are a nanosecond too long, which must not add a millisecond. */
    private static void retryAfter(InboundResponse response, long nanos) {
        long millis = Math.max(1, Math.ceilDiv(nanos - 1, TimeUnit.MILLISECONDS.toNanos(1)));
        response.header("retry-after", Long.toString(Math.max(1, Math.ceilDiv(millis, 1000))));
        response.header("retry-after-ms", Long.toString(millis));
    }
}
