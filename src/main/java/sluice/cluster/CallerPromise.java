package sluice.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** Answers a caller on the event loop it asked from, not on the store's. */
final class CallerPromise<T> {
    private final Promise<T> promise = Promise.promise();
    private final @Nullable Context context = Vertx.currentContext();

    void answer(T value) {
        if (context == null) {
            promise.complete(value);
        } else {
            context.runOnContext(now -> promise.complete(value));
        }
    }

    Future<T> future() {
        return promise.future();
    }
}
