package sluice.admin;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.IdentityHashMap;
import sluice.net.ConnectionEnd;

/**
 * The connections of the admin listener, all on one event loop. A request must arrive, and its answer be read, in time:
 * a trickle of bytes keeps no connection open.
 */
final class Callers {
    private final Vertx vertx;
    private final Duration first;
    private final Duration next;
    /** The timer of each connection. */
    private final IdentityHashMap<HttpConnection, Long> timers = new IdentityHashMap<>();

    /**
     * Starts empty.
     *
     * @param first the time allowed from opening a connection to its first request
     * @param next  the time allowed from one request to the next
     */
    Callers(Vertx vertx, Duration first, Duration next) {
        this.vertx = vertx;
        this.first = first;
        this.next = next;
    }

    void came(HttpConnection connection) {
        bound(connection, first);
        ConnectionEnd.then(connection, () -> forget(connection));
    }

    /** A request's head has arrived in full. */
    void asked(HttpServerRequest request) {
        if (timers.containsKey(request.connection())) {
            bound(request.connection(), next);
        }
    }

    private void bound(HttpConnection connection, Duration patience) {
        forget(connection);
        timers.put(connection, vertx.setTimer(patience.toMillis(), late -> ConnectionEnd.abort(connection)));
    }

    private void forget(HttpConnection connection) {
        Long timer = timers.remove(connection);
        if (timer != null) {
            vertx.cancelTimer(timer);
        }
    }
}
