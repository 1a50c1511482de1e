package sluice.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.util.IdentityHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import sluice.net.ConnectionEnd;
import sluice.time.Time;

/**
 * The connections of clients on one event loop: bounded in number, closed if no request comes, and at the end of the
 * gateway closed with care. A client learns of the end from the head of an answer. One whose last answer had begun before
 * does not know, and its next call may be on its way when the connection is closed: that is done only when it has idled
 * for so long that the client will not use it again.
 */
final class Connections {

    /** What a connection has been used for. */
    private static final class Use {
        private static final long NONE = -1;

        private final boolean late;
        private final long headTimer;
        private boolean headCame;
        private boolean told;
        private int calls;
        private long idleFrom;
        private long idleTimer = NONE;

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
    private final Time time;
    private final IdentityHashMap<HttpConnection, Use> uses = new IdentityHashMap<>();

    /** Counts on {@code open}, which all event loops share. */
    Connections(Vertx vertx, AtomicInteger open, Listener.Settings settings, Drain drain, Time time) {
        this.vertx = vertx;
        this.open = open;
        this.limit = settings.maxConnections();
        this.drain = drain;
        this.time = time;
        this.headMillis = settings.headTimeout().toMillis();
    }

    void opened(HttpConnection connection) {
        int now = open.incrementAndGet();
        ConnectionEnd.then(connection, () -> {
            open.decrementAndGet();
            Use use = uses.remove(connection);
            if (use != null && !use.headCame) {
                vertx.cancelTimer(use.headTimer);
            }
            if (use != null && vertx.cancelTimer(use.idleTimer)) {
                drain.over();
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

    /** Its client learns of the end from the answers to what it sends from now on. */
    void tell(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null) {
            use.told = true;
        }
        // Closes when its answers are given: HTTP/2 is told at once, HTTP/1.1 by the header of the answer.
        shutdown(connection);
    }

    /** A call is under way in it. */
    void begun(HttpConnection connection) {
        drain.begun();
        Use use = uses.get(connection);
        if (use != null) {
            use.calls++;
        }
    }

    /** A call is under way in it no more. */
    void over(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null) {
            use.calls--;
            use.idleFrom = time.nanos();
            if (drain.leaving() && use.isIdle() && !use.told) {
                closeWhenIdle(connection, use);
            }
        }
        drain.over();
    }

    /** New connections are not served any more, and those that are kept only for a while. */
    void closeIdle() {
        new IdentityHashMap<>(uses).forEach((connection, use) -> {
            if (use.isIdle() && use.idleTimer == Use.NONE) {
                closeWhenIdle(connection, use);
            }
        });
    }

    /** The end waits for it. */
    private void closeWhenIdle(HttpConnection connection, Use use) {
        long idle = TimeUnit.NANOSECONDS.toMillis(time.nanos() - use.idleFrom);
        drain.begun();
        use.idleTimer = vertx.setTimer(Math.max(1, drain.settings().idle().toMillis() - idle), idled -> {
            use.idleTimer = Use.NONE;
            if (use.isIdle()) {
                shutdown(connection);
            }
            drain.over();
        });
    }

    /** Nothing is served any more. */
    void closeAll() {
        new IdentityHashMap<>(uses).forEach((connection, use) -> {
            if (use.isIdle()) {
                shutdown(connection);
            }
        });
    }

    /** What is being written is written first. */
    private void shutdown(HttpConnection connection) {
        connection.shutdown(drain.settings().grace().toMillis(), TimeUnit.MILLISECONDS);
    }
}
