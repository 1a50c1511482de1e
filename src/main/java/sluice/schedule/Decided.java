package sluice.schedule;

import io.vertx.core.Future;

/** The place of a call that did not have to wait. */
record Decided(Decision decision) implements Place {

    @Override
    public Future<Decision> outcome() {
        return Future.succeededFuture(decision);
    }

    @Override
    public void leave() {
        // It is not in the queue.
    }
}
