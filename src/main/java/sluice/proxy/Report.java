package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import sluice.calls.UsageQuery;
import sluice.calls.UsageQueryReader;
import sluice.calls.UsageReports;
import sluice.explain.LimitsLeft;
import sluice.inbound.Discard;
import sluice.inbound.InboundResponse;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.openai.Endpoint;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.time.Time;

/** Answers the gateway's own routes: what remains of the caller's limits, and what its tenant has used. */
public final class Report implements Stage<Admitted, Answer> {
    private static final long DISCARD_MILLIS = 2_000;

    private final Vertx vertx;
    private final UsageReports usage;
    private final GatewayHeaders gatewayHeaders;
    private final Time time;

    public Report(Vertx vertx, UsageReports usage, GatewayHeaders gatewayHeaders, Time time) {
        this.vertx = vertx;
        this.usage = usage;
        this.gatewayHeaders = gatewayHeaders;
        this.time = time;
    }

    @Override
    public Future<Answer> apply(Admitted admitted) {
        if (admitted.endpoint() == Endpoint.SLUICE_LIMITS) {
            return answer(admitted, "application/json", LimitsLeft.of(admitted.tenancy()).encode());
        }
        UsageQuery query;
        try {
            MultiMap parameters = admitted.request().parameters();
            query = UsageQueryReader.read(parameters, time.now(), false).ofTenant(admitted.tenant());
        } catch (UsageQueryReader.Unclear unclear) {
            return Refusal.of(new Reason.BadParameter(unclear.parameter(), unclear.expected()));
        }
        return usage.of(query, admitted.holder()).compose(report -> told(admitted, report),
                failure -> failure instanceof UsageReports.Unavailable unavailable
                        ? Refusal.of(reason(unavailable))
                        : Future.failedFuture(failure));
    }

    private static Reason reason(UsageReports.Unavailable unavailable) {
        return switch (unavailable.why()) {
            case NOT_SHARED -> new Reason.LedgerNotShared();
            case AWAY -> new Reason.LedgerAway();
            case BUSY -> new Reason.Overloaded(Reason.Overloaded.REPORTS, unavailable.room());
        };
    }

    private Future<Answer> told(Admitted admitted, UsageReports.Told report) {
        report.next().ifPresent(
                cursor -> admitted.arrival().response().header("x-sluice-next-cursor", cursor));
        return answer(admitted, report.contentType(), report.text());
    }

    /** A request body is ignored. */
    private Future<Answer> answer(Admitted admitted, String type, String text) {
        return new Discard(vertx, admitted.request(), Discard.MOST_BYTES, DISCARD_MILLIS).run()
                .map(clean -> write(admitted, type, Buffer.buffer(text), clean));
    }

    /** The request stays spent, to discourage polling. */
    private Answer write(Admitted admitted, String type, Buffer body, boolean clean) {
        InboundResponse response = admitted.arrival().response();
        if (response.isClosed()) {
            return new Answer(admitted, new Spent.Told(499, Outcome.CLIENT_GONE, "", 0, ModelUse.nothing()),
                    Ending.NOT_RUN);
        }
        response.header(HttpHeaders.CONTENT_TYPE, type);
        response.header(HttpHeaders.CACHE_CONTROL, "no-store");
        response.header("x-request-id", admitted.origin().requestId());
        gatewayHeaders.add(response, admitted);
        if (!clean) {
            response.closing();
        }
        if (admitted.request().method().equals(HttpMethod.HEAD)) {
            response.header(HttpHeaders.CONTENT_LENGTH, Integer.toString(body.length()));
            response.end();
        } else {
            response.end(body);
        }
        if (!clean && response.isMultiplexed()) {
            Discard.andStop(vertx, admitted.request());
        }
        return new Answer(admitted, new Spent.Told(200, Outcome.ANSWERED, "", body.length(), ModelUse.nothing()),
                Ending.NOT_RUN);
    }
}
