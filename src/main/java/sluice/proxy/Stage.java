package sluice.proxy;

import io.vertx.core.Future;
import java.util.function.Supplier;
import sluice.proxy.refusal.Refusal;

/**
 * One step of the request path: takes exactly what is known so far, and returns what is known next or fails with a
 * {@link Refusal}. Runs on the call's own event loop.
 */
@FunctionalInterface
public interface Stage<I, O> {

    Future<O> apply(I known);

    /** Like {@link #apply}, but an exception is a failure like any other. */
    default Future<O> run(I known) {
        return begun(() -> apply(known));
    }

    /** Starts a step; an exception is a failure like any other. */
    static <T> Future<T> begun(Supplier<Future<T>> step) {
        try {
            return step.get();
        } catch (Throwable fault) {
            return Future.failedFuture(fault);
        }
    }
}
