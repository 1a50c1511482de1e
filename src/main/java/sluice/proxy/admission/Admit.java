package sluice.proxy.admission;

import io.vertx.core.Future;
import java.util.Optional;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.InFlight;
import sluice.quota.TenantQuota;
import sluice.quota.Verdict;
import sluice.tenancy.Tenancy;

/** Takes one call in flight and, if the call counts as one, a request from the tenant's limits. */
public final class Admit implements Stage<Caller, Admitted> {

    @Override
    public Future<Admitted> apply(Caller caller) {
        Tenancy tenancy = caller.tenancy();
        return Stage.then(tenancy.inFlight().acquire(), permit -> admit(caller, permit));
    }

    private static Future<Admitted> admit(Caller caller, Optional<InFlight.Slot> permit) {
        Tenancy tenancy = caller.tenancy();
        if (permit.isEmpty()) {
            int limit = tenancy.tenant().limits().concurrent().orElseThrow();
            return Refusal.of(new Reason.TooManyInFlight(limit));
        }
        return Stage.then(Stage.begun(() -> request(caller)), verdict -> switch (verdict) {
            case Verdict.Granted(var reservation) ->
                Future.succeededFuture(new Admitted(caller, reservation, permit.get()));
            case Verdict.Refused refused -> Refusal.<Admitted>of(new Reason.LimitReached(refused));
        }).onFailure(refused -> permit.get().close());
    }

    private static Future<Verdict> request(Caller caller) {
        TenantQuota quota = caller.tenancy().quota();
        return caller.endpoint().countsAsRequest()
                ? quota.takeRequest()
                : Future.succeededFuture(quota.takeNothing());
    }
}
