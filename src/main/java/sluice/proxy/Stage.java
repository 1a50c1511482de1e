package sluice.proxy;

import io.vertx.core.Future;

/**
 * One step of the path: takes exactly what is known so far, and gives what is known next or fails with a
 * {@link Refusal}. Runs on the call's own event loop.
 */
@FunctionalInterface
interface Stage<I, O> {

    Future<O> apply(I known);

    /** As {@link #apply}; what it throws is a failure like any other. */
    default Future<O> run(I known) {
        try {
            return apply(known);
        } catch (Throwable fault) {
            return Future.failedFuture(fault);
        }
    }
}
