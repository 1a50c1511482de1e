package sluice.admin;

import io.vertx.ext.web.RoutingContext;
import sluice.calls.UsageQuery;
import sluice.calls.UsageQueryReader;
import sluice.calls.UsageReports;
import sluice.isolation.Holder;
import sluice.time.Time;

/** What tenants have used: {@code GET /admin/v1/usage}. */
public final class UsageView {
    private static final Holder OPERATORS = new Holder.Everyone();

    private final UsageReports usage;
    private final Time time;

    public UsageView(UsageReports usage, Time time) {
        this.usage = usage;
        this.time = time;
    }

    void answer(RoutingContext context) {
        UsageQuery query;
        try {
            query = UsageQueryReader.read(context.request().params(), time.now(), true);
        } catch (UsageQueryReader.Unclear unclear) {
            AdminServer.error(context, 400, "invalid_value", "The query parameter " + unclear.parameter()
                    + " is not understood. Send " + unclear.expected() + ".");
            return;
        }
        usage.of(query, OPERATORS).onSuccess(report -> show(context, report)).onFailure(failure -> {
            if (failure instanceof UsageReports.Unavailable unavailable) {
                refuse(context, unavailable);
            } else {
                context.fail(failure);
            }
        });
    }

    private static void show(RoutingContext context, UsageReports.Told report) {
        report.next().ifPresent(cursor -> context.response().putHeader("x-sluice-next-cursor", cursor));
        context.response().putHeader("content-type", report.contentType()).putHeader("cache-control", "no-store")
                .end(report.text());
    }

    private static void refuse(RoutingContext context, UsageReports.Unavailable unavailable) {
        switch (unavailable.why()) {
            case NOT_SHARED -> AdminServer.error(context, 409, "ledger_not_shared",
                    "Calls are not kept: with redis.url, ledger.url must be a PostgreSQL database, which all replicas "
                            + "share.");
            case AWAY -> AdminServer.error(context, 503, "ledger_unavailable",
                    "The ledger does not answer at the moment; the log says why. Please try again.");
            case BUSY -> AdminServer.error(context, 503, "overloaded",
                    "Too many reports of usage are being made. Please try again.");
        }
    }
}
