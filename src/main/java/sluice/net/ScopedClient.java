package sluice.net;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.CloseFuture;
import io.vertx.core.internal.ContextInternal;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A client of Vert.x of which nothing remains once it is closed. Vert.x by itself keeps clients for TCP and WebSockets,
 * and their TLS contexts, for as long as the verticle that created them is deployed, or Vert.x runs.
 */
public final class ScopedClient<T> {
    private final CloseFuture scope;
    private final T client;

    private ScopedClient(CloseFuture scope, T client) {
        this.scope = scope;
        this.client = client;
    }

    /** Creates a client, which is closed with the current verticle at the latest. Must be called on an event loop. */
    public static <T> ScopedClient<T> open(Vertx vertx, Supplier<T> create) {
        ContextInternal current = (ContextInternal) vertx.getOrCreateContext();
        CloseFuture scope = new CloseFuture();
        current.closeFuture().add(scope);
        // Vert.x registers a client with the context on which it is created.
        ContextInternal context = current.owner().contextBuilder().withEventLoop(current.nettyEventLoop())
                .withClassLoader(current.classLoader()).withCloseFuture(scope).build();
        ContextInternal before = context.beginDispatch();
        try {
            return new ScopedClient<>(scope, create.get());
        } catch (RuntimeException unusable) {
            scope.close();
            throw unusable;
        } finally {
            context.endDispatch(before);
        }
    }

    public T get() {
        return client;
    }

    /** Closes it in this way, and then at once what that has left open. */
    public Future<Void> close(Function<T, Future<Void>> end) {
        return end.apply(client).eventually(scope::close);
    }
}
