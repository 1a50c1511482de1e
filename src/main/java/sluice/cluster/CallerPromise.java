package sluice.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import org.jspecify.annotations.Nullable;

/** Where a caller is to be answered: the event loop that it asked from, not the one on which the store answers. */
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
