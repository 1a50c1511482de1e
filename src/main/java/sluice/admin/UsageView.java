package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import java.util.Optional;
import sluice.calls.UsageQuery;
import sluice.calls.UsageQueryReader;
import sluice.calls.UsageReports;
import sluice.time.Time;

/** What tenants have used: {@code GET /admin/v1/usage}. A team sees what its own tenant has used. */
public final class UsageView {
    private final UsageReports usage;
    private final Time time;

    public UsageView(UsageReports usage, Time time) {
        this.usage = usage;
        this.time = time;
    }

    Future<Reply> answer(AdminCall call) {
        return usage.of(query(call), call.holder()).map(UsageView::reply).recover(
                failure -> Future.failedFuture(failure instanceof UsageReports.Unavailable unavailable
                        ? fault(unavailable)
                        : failure));
    }

    private UsageQuery query(AdminCall call) {
        Optional<String> own = call.onlyTenant();
        MultiMap parameters = MultiMap.caseInsensitiveMultiMap().addAll(call.query());
        if (own.isPresent()) {
            call.query("tenant").ifPresent(call::mustSee);
            parameters.set("tenant", own.get());
        }
        try {
            return UsageQueryReader.read(parameters, time.now(), true);
        } catch (UsageQueryReader.Unclear unclear) {
            throw Fault.invalid(unclear.parameter(), unclear.expected());
        }
    }

    private static Reply reply(UsageReports.Told report) {
        Reply reply = Reply.text(report.contentType(), report.text());
        return report.next().map(cursor -> reply.with("x-sluice-next-cursor", cursor)).orElse(reply);
    }

    private static Fault fault(UsageReports.Unavailable unavailable) {
        return switch (unavailable.why()) {
            case NOT_SHARED -> Fault.conflict("ledger_not_shared",
                    "Calls are not recorded: with redis.url, ledger.url must be a PostgreSQL database, which all replicas "
                            + "share.");
            case AWAY -> Fault.of(503, "ledger_unavailable",
                    "The ledger is unavailable at the moment; see the log. Please try again.");
            case BUSY -> Fault.of(503, "overloaded",
                    "Too many usage reports are running. Please try again.");
        };
    }
}
