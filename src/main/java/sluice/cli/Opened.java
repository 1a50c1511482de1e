package sluice.cli;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a gateway has opened so far. It is closed in reverse order, each thing whatever became of the others. */
final class Opened {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

    private final Deque<Supplier<Future<Void>>> ends = new ArrayDeque<>();
    private @Nullable Promise<Void> closed;

    /** Remembers a thing with its end, and returns it. */
    public synchronized <T> T add(T thing, Function<T, Future<Void>> end) {
        ends.push(() -> end.apply(thing));
        return thing;
    }

    /** Closes everything; again, it is complete when the first time is. */
    synchronized Future<Void> close() {
        if (closed == null) {
            closed = Promise.promise();
            closeNext(closed);
        }
        return closed.future();
    }

    /** No context is kept from one end to the next: Vert.x itself is among what ends. */
    private void closeNext(Promise<Void> done) {
        Supplier<Future<Void>> end = next();
        if (end == null) {
            done.complete();
            return;
        }
        Future<Void> over;
        try {
            over = end.get();
        } catch (RuntimeException failure) {
            over = Future.failedFuture(failure);
        }
        over.onFailure(failure -> LOG.error("something did not end in good order", failure))
                .onComplete(ended -> closeNext(done));
    }

    private synchronized @Nullable Supplier<Future<Void>> next() {
        return ends.poll();
    }
}
