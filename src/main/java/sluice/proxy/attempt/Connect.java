package sluice.proxy.attempt;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.Optional;
import sluice.account.Grant;
import sluice.isolation.Room;
import sluice.metrics.GatewayMeters;
import sluice.net.Timeouts;
import sluice.net.Timeouts.Timeout;
import sluice.proxy.Attempt.Connected;
import sluice.proxy.Attempt.Granted;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.upstream.AccountClient;
import sluice.upstream.Unreachable;
import sluice.upstream.call.UpstreamCall;
import sluice.upstream.call.UpstreamRequest;

/**
 * Gets the call a connection to its account, either kept or new. A call that waits too long, or whose caller leaves
 * meanwhile, gets none.
 */
public final class Connect implements Stage<Granted, Connected> {
    private final Schedule schedule;
    private final RetryRule rule;
    private final Timeouts patience;
    private final GatewayMeters meters;

    /** @param patience how long a call waits for a connection */
    public Connect(Schedule schedule, RetryRule rule, Timeouts patience, GatewayMeters meters) {
        this.schedule = schedule;
        this.rule = rule;
        this.patience = patience;
        this.meters = meters;
    }

    @Override
    public Future<Connected> apply(Granted granted) {
        Arrival arrival = granted.arrival();
        AccountClient client = granted.client();
        if (granted.attempts() == 1) {
            rule.called(granted.funded());
        }
        Promise<UpstreamRequest> ready = Promise.promise();
        Timeout late = patience
                .start(() -> ready.tryFail(new Refusal(new Reason.Overloaded(Reason.Overloaded.LINES, Room.NONE))));
        arrival.departure().onLeave(() -> ready.tryFail(new Refusal(new Reason.ClientGone(Ending.NOT_SENT))));
        client.open(arrival.request().method(), arrival.route().target()).onComplete(
                request -> {
                    granted.capacity().watch().connected();
                    if (!ready.tryComplete(request)) {
                        request.cut();
                    }
                },
                failure -> failed(granted, client.why(failure), failure, ready));
        return ready.future().onComplete(done -> {
            late.cancel();
            arrival.departure().ignore();
        }).compose(request -> permitted(granted, new UpstreamCall(request)));
    }

    /** There is no connection: either the upstream is at fault, or as many are open as allowed. */
    private void failed(Granted granted, Optional<Unreachable> why, Throwable failure,
            Promise<UpstreamRequest> ready) {
        Reason reason = why.isPresent()
                ? new Reason.UpstreamUnreachable()
                : new Reason.Overloaded(Reason.Overloaded.LINES, Room.NONE);
        if (ready.tryFail(new Refusal(reason)) && why.isPresent()) {
            meters.upstream(granted.capacity().name(), "unreachable");
            granted.capacity().watch().unreachable(why, failure);
        }
    }

    /** A permit is good for half a second; a call whose connection took longer to open asks for another. */
    private Future<Connected> permitted(Granted granted, UpstreamCall call) {
        Grant grant = granted.grant();
        if (grant.permit().fresh()) {
            return Future.succeededFuture(new Connected(granted, call));
        }
        grant.permit().giveBack();
        return schedule.renew(granted).map(renewed -> new Connected(granted, call)).onFailure(refused -> call.close());
    }
}
