package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.metrics.Journal;
import sluice.metrics.Journal.Outcome;
import sluice.net.Discard;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.proxy.refusal.Wording;
import sluice.tenancy.Tenancy;

/**
 * Answers a call that some stage has refused or that has failed, in the words of OpenAI's errors. What is still coming of
 * the call's body is discarded first, within bounds, so that the connection can go on to be used.
 */
public final class Refuse {
    private static final Logger LOG = LoggerFactory.getLogger(Refuse.class);
    private static final long DISCARD_MILLIS = 2_000;

    private final Vertx vertx;
    private final OurHeaders ours;

    public Refuse(Vertx vertx, OurHeaders ours) {
        this.vertx = vertx;
        this.ours = ours;
    }

    /** Answers; the tenancy is null where the tenant is not known. */
    public Future<Answer> apply(HttpServerRequest request, Journal journal, @Nullable Tenancy tenancy,
            Throwable failure) {
        Reason reason = Refusal.reasonOf(failure);
        Wording wording = Wording.of(reason);
        if (reason instanceof Reason.Internal) {
            LOG.error("call {} failed", journal.id, failure);
        }
        String code = wording.error().code();
        journal.code = code == null ? "" : code;
        Answer answer = new Answer(wording.status(), wording.outcome(), wording.ending());
        if (wording.outcome() == Outcome.CLIENT_GONE || request.response().ended()) {
            return Future.succeededFuture(answer);
        }
        if (request.response().headWritten()) {
            request.response().reset(UpstreamCall.CANCEL);
            return Future.succeededFuture(answer);
        }
        if (reason instanceof Reason.MalformedHttp || reason instanceof Reason.MalformedHeader) {
            write(request, journal, tenancy, reason, false);
            return Future.succeededFuture(answer);
        }
        return new Discard(vertx, request, Discard.MOST_BYTES, DISCARD_MILLIS).run()
                .onSuccess(clean -> write(request, journal, tenancy, reason, clean)).map(answer);
    }

    private void write(HttpServerRequest request, Journal journal, @Nullable Tenancy tenancy, Reason reason,
            boolean clean) {
        HttpServerResponse response = request.response();
        if (response.ended() || response.closed()) {
            return;
        }
        Wording wording = Wording.of(reason);
        Buffer body = wording.error().toBuffer();
        response.setStatusCode(wording.status());
        response.putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
        response.putHeader(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
        response.putHeader("x-request-id", "req_" + journal.id);
        response.putHeader(Headers.ERROR_SOURCE, wording.outcome().label());
        if (wording.status() == 401) {
            response.putHeader("www-authenticate", "Bearer realm=\"Sluice\"");
        }
        if (reason instanceof Reason.WrongMethod wrong) {
            response.putHeader(HttpHeaders.ALLOW, wrong.allowed());
        }
        if (reason instanceof Reason.UpgradeRequired) {
            response.putHeader(HttpHeaders.UPGRADE, "websocket");
        }
        wording.retryAfterNanos().ifPresent(nanos -> retryAfter(response, nanos));
        if (wording.retry() != null) {
            response.putHeader("x-should-retry", wording.retry().toString());
        }
        ours.add(response, journal, tenancy);
        journal.bytesOut = body.length();
        if (clean || response.streamId() >= 0) {
            response.end(body);
            return;
        }
        response.putHeader(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        response.write(body);
        // The caller may still send: closing now would reset the connection under the answer.
        new Discard(vertx, request, Long.MAX_VALUE, Discard.LINGER_MILLIS).run()
                .onComplete(over -> {
                    if (!response.closed()) {
                        response.end().onComplete(written -> request.connection().close());
                    }
                });
    }

    /** Whole seconds, rounded up, and exactly; a wait is told a nanosecond too long, which must not make it a millisecond. */
    private static void retryAfter(HttpServerResponse response, long nanos) {
        long millis = Math.max(1, Math.ceilDiv(nanos - 1, TimeUnit.MILLISECONDS.toNanos(1)));
        response.putHeader("retry-after", Long.toString(Math.max(1, Math.ceilDiv(millis, 1000))));
        response.putHeader("retry-after-ms", Long.toString(millis));
    }
}
