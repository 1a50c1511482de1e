package sluice.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The connections of clients on one event loop: bounded in number, closed if no request comes, and at the end of the
 * gateway closed where nothing is under way.
 */
final class Connections {

    /** What a connection has been used for. */
    private static final class Use {
        private final boolean late;
        private final long headTimer;
        private boolean headCame;
        private int calls;

        Use(boolean late, long headTimer) {
            this.late = late;
            this.headTimer = headTimer;
        }

        /** Kept by its client for a next call; one that never had any is about to have its first. */
        boolean isIdle() {
            return headCame && calls == 0;
        }
    }

    private final Vertx vertx;
    private final AtomicInteger open;
    private final int limit;
    private final long headMillis;
    private final Drain drain;
    private final IdentityHashMap<HttpConnection, Use> uses = new IdentityHashMap<>();

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
            Use use = uses.remove(connection);
            if (use != null && !use.headCame) {
                vertx.cancelTimer(use.headTimer);
            }
        });
        if (now > limit) {
            connection.close();
            return;
        }
        uses.put(connection, new Use(drain.closing(), vertx.setTimer(headMillis, silent -> connection.close())));
    }

    /** A request head has come whole. */
    void headCame(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null && !use.headCame) {
            use.headCame = true;
            vertx.cancelTimer(use.headTimer);
        }
    }

    /** Whether it was opened when the gateway served no new ones any more. */
    boolean isLate(HttpConnection connection) {
        Use use = uses.get(connection);
        return use != null && use.late;
    }

    /** A call is under way in it. */
    void begun(HttpConnection connection) {
        count(connection, 1);
    }

    /** A call is under way in it no more. */
    void over(HttpConnection connection) {
        count(connection, -1);
    }

    private void count(HttpConnection connection, int more) {
        Use use = uses.get(connection);
        if (use != null) {
            use.calls += more;
        }
    }

    /**
     * Closes those in which nothing is under way: their clients see it before they send the next call, while they would
     * learn from an answer that it is refused. What is being written to one meanwhile is written first.
     */
    void closeIdle() {
        long grace = drain.settings().grace().toMillis();
        uses.entrySet().stream().filter(entry -> entry.getValue().isIdle()).map(Map.Entry::getKey).toList()
                .forEach(idle -> idle.shutdown(grace, TimeUnit.MILLISECONDS));
    }
}
