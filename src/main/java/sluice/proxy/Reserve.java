package sluice.proxy;

import io.vertx.core.Future;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Exchange.Miss;
import sluice.quota.Verdict;

/** Takes from the limits of the call's model, from all of them or from none. */
final class Reserve implements Stage<Miss, Funded> {

    @Override
    public Future<Funded> apply(Miss miss) {
        return miss.ask().tenancy().quota().takeModelRequest(miss.ask().model()).compose(verdict -> switch (verdict) {
            case Verdict.Granted(var reservation) -> Future.succeededFuture(new Funded(miss, reservation));
            case Verdict.Refused refused -> Refusal.of(new Reason.LimitReached(refused));
        });
    }
}
