package sluice.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** The connections of clients on one event loop: bounded in number, and closed if no request comes. */
final class Connections {
    private final Vertx vertx;
    private final AtomicInteger open;
    private final int limit;
    private final long headMillis;
    private final Drain drain;
    private final IdentityHashMap<HttpConnection, Long> silent = new IdentityHashMap<>();
    private final Set<HttpConnection> late = Collections.newSetFromMap(new IdentityHashMap<>());

    /** Counts on {@code open}, which all event loops share. */
    Connections(Vertx vertx, AtomicInteger open, Listener.Settings settings, Drain drain) {
        this.vertx = vertx;
        this.open = open;
        this.limit = settings.maxConnections();
        this.drain = drain;
        this.headMillis = settings.headTimeout().toMillis();
    }

    void opened(HttpConnection connection) {
        int now = open.incrementAndGet();
        connection.closeHandler(closed -> {
            open.decrementAndGet();
            late.remove(connection);
            headCame(connection);
        });
        if (now > limit) {
            connection.close();
            return;
        }
        if (drain.closing()) {
            late.add(connection);
        }
        silent.put(connection, vertx.setTimer(headMillis, late -> {
            silent.remove(connection);
            connection.close();
        }));
    }

    /** Whether it was opened when the gateway served no new ones any more. */
    boolean isLate(HttpConnection connection) {
        return late.contains(connection);
    }

    /** A request head has come whole. */
    void headCame(HttpConnection connection) {
        Long timer = silent.isEmpty() ? null : silent.remove(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }
}
