package sluice.proxy.attempt;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Optional;
import sluice.metrics.GatewayMeters;
import sluice.proxy.Attempt.Failed;
import sluice.proxy.Attempt.Granted;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;

/**
 * Waits for the right to another attempt, at another account if there is one, if {@link RetryRule} allows it. If not,
 * or if the queue has no permit in time, the failure stands.
 */
public final class TryAgain implements Stage<Failed, Granted> {
    private final Vertx vertx;
    private final Schedule schedule;
    private final RetryRule rule;
    private final GatewayMeters meters;

    public TryAgain(Vertx vertx, Schedule schedule, RetryRule rule, GatewayMeters meters) {
        this.vertx = vertx;
        this.schedule = schedule;
        this.rule = rule;
        this.meters = meters;
    }

    @Override
    public Future<Granted> apply(Failed failed) {
        Funded funded = failed.granted().funded();
        long left = funded.ask().patience().waitNanos() - funded.times().sinceStart();
        String account = failed.account();
        Optional<RetryRule.Retry> retry = rule.after(funded, Refusal.reasonOf(failed.failure()), failed.past(), left,
                schedule.servedElsewhere(funded, account));
        if (retry.isEmpty() || funded.arrival().response().headWritten()) {
            return Future.failedFuture(failed.failure());
        }
        meters.retry(account, retry.get().reason());
        funded.times().waited(retry.get().delayNanos());
        return pause(funded.arrival(), retry.get().delayNanos())
                .compose(waited -> schedule.again(funded, account, retry.get().past()))
                .recover(denied -> Future.failedFuture(
                        Refusal.reasonOf(denied) instanceof Reason.ClientGone ? denied : failed.failure()));
    }

    private Future<Void> pause(Arrival arrival, long nanos) {
        if (nanos == 0) {
            return Future.succeededFuture();
        }
        Promise<Void> over = Promise.promise();
        long timer = vertx.setTimer(Math.max(1, nanos / 1_000_000), now -> over.tryComplete());
        arrival.departure().onLeave(() -> {
            vertx.cancelTimer(timer);
            over.tryFail(new Refusal(new Reason.ClientGone(Ending.NOT_SENT)));
        });
        return over.future().onComplete(done -> arrival.departure().ignore());
    }
}
