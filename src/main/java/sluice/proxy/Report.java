package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import sluice.calls.UsageQuery;
import sluice.calls.UsageQueryReader;
import sluice.calls.UsageReports;
import sluice.explain.LimitsLeft;
import sluice.openai.Endpoint;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.time.Time;

/** Answers the gateway's own routes: what remains of the caller's limits, and what its tenant has used. */
public final class Report implements Stage<Admitted, Answer> {
    private final OwnAnswer own;
    private final UsageReports usage;
    private final Time time;

    public Report(Vertx vertx, UsageReports usage, GatewayHeaders gatewayHeaders, Time time) {
        this.own = new OwnAnswer(vertx, gatewayHeaders);
        this.usage = usage;
        this.time = time;
    }

    @Override
    public Future<Answer> apply(Admitted admitted) {
        if (admitted.endpoint() == Endpoint.SLUICE_LIMITS) {
            return own.give(admitted, "application/json", LimitsLeft.of(admitted.tenancy()).toBuffer());
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
        return own.give(admitted, report.contentType(), Buffer.buffer(report.text()));
    }
}
