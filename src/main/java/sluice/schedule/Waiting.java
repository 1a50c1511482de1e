package sluice.schedule;

import io.vertx.core.Future;
import io.vertx.core.Promise;

/** A call in the queue. */
final class Waiting implements Place, Backlog.Entry {
    private final Scheduler scheduler;
    private final Call call;
    private final long since;
    private final long predicted;
    private final double cost;
    private final long order;
    private final Promise<Decision> promise = Promise.promise();

    /**
     * Not in the queue yet.
     *
     * @param since     by the scheduler's clock
     * @param predicted how long it is expected to wait, in nanoseconds
     * @param cost      the least it costs, in shares of an account's limits
     * @param order     among all arrivals
     */
    Waiting(Scheduler scheduler, Call call, long since, long predicted, double cost, long order) {
        this.scheduler = scheduler;
        this.call = call;
        this.since = since;
        this.predicted = predicted;
        this.cost = cost;
        this.order = order;
    }

    @Override
    public Call call() {
        return call;
    }

    @Override
    public long order() {
        return order;
    }

    @Override
    public double cost() {
        return cost;
    }

    @Override
    public long since() {
        return since;
    }

    long predicted() {
        return predicted;
    }

    @Override
    public Future<Decision> outcome() {
        return promise.future();
    }

    @Override
    public void leave() {
        scheduler.leave(this);
    }

    /** Delivers the outcome on the call's own event loop. */
    void tell(Decision outcome) {
        call.home().execute(() -> promise.complete(outcome));
    }
}
