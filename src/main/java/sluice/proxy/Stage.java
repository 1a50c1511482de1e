package sluice.proxy;

import io.vertx.core.Future;
import java.util.function.Function;
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

    /**
     * What follows once something is known. Most of what a stage asks for is known at once, and then none of the objects
     * are made that waiting takes.
     */
    static <T, U> Future<U> then(Future<T> known, Function<? super T, Future<U>> next) {
        if (!known.isComplete()) {
            return known.compose(next);
        }
        return known.succeeded() ? begun(() -> next.apply(known.result())) : Future.failedFuture(known.cause());
    }

    /** What follows if it fails. */
    static <T> Future<T> otherwise(Future<T> known, Function<Throwable, Future<T>> next) {
        if (!known.isComplete()) {
            return known.recover(next);
        }
        return known.failed() ? begun(() -> next.apply(known.cause())) : known;
    }
}
