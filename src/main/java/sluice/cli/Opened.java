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

/** What a gateway has opened so far. Everything is closed in reverse order, whether or not the others close cleanly. */
final class Opened {
    private static final Logger LOG = LoggerFactory.getLogger(Opened.class);

    private final Deque<Supplier<Future<Void>>> ends = new ArrayDeque<>();
    private @Nullable Promise<Void> closed;

    /** Remembers how to close a thing, and returns the thing. */
    public synchronized <T> T add(T thing, Function<T, Future<Void>> end) {
        ends.push(() -> end.apply(thing));
        return thing;
    }

    /** Closes everything; further calls complete together with the first. */
    synchronized Future<Void> close() {
        if (closed == null) {
            closed = Promise.promise();
            closeNext(closed);
        }
        return closed.future();
    }

    /** Keeps no context between steps, since Vert.x itself is among the things to close. */
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
        over.onFailure(failure -> LOG.error("a component failed to close cleanly", failure))
                .onComplete(ended -> closeNext(done));
    }

    private synchronized @Nullable Supplier<Future<Void>> next() {
        return ends.poll();
    }
}
