package sluice.schedule;

import io.vertx.core.Future;

/** The place of a call that did not have to wait. */
record Decided(Outcome decision) implements Place {

    @Override
    public Future<Outcome> outcome() {
        return Future.succeededFuture(decision);
    }

    @Override
    public void leave() {
        // It is not in the queue.
    }
}
