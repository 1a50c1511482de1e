package sluice.proxy;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * The connections of clients on one event loop: bounded in number, closed if no request comes, and at the end of the
 * gateway closed with care. A client learns of the end from the head of an answer. One whose answer had begun before does
 * not know, and its next call may be on its way when the connection is closed: that is done only when it has idled.
 */
final class Connections {
    /** Who has not sent a next call by then does not use the connection again: httpx drops it after 5 s, undici after 4. */
    private static final Duration LONGEST_IDLE = Duration.ofSeconds(5);

    /** What a connection has been used for. */
    private static final class Use {
        private static final long NONE = -1;

        private final boolean late;
        private final long headTimer;
        private boolean headCame;
        private boolean told;
        private int calls;
        private long idleTimer = NONE;

        Use(boolean late, long headTimer) {
            this.late = late;
            this.headTimer = headTimer;
        }

        /** Kept by its client for a next call; one that never had any is about to have its first. */
        boolean isIdle() {
            return headCame && calls == 0;
        }

        /** Since before the gateway said that it will go. */
        boolean isLongIdle() {
            return isIdle() && idleTimer == NONE;
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

    /** A call is under way in it no more. If its client does not know of the end, that waits for its next call. */
    void over(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null) {
            use.calls--;
        }
        if (use == null || use.told || !use.isIdle() || !drain.leaving()) {
            drain.over();
            return;
        }
        long idle = Math.clamp(drain.settings().grace().toMillis() / 4, 1, LONGEST_IDLE.toMillis());
        use.idleTimer = vertx.setTimer(idle, idled -> {
            use.idleTimer = Use.NONE;
            if (use.isIdle()) {
                shutdown(connection);
            }
            drain.over();
        });
    }

    /** New connections are not served any more: those are closed that have idled for long. */
    void closeIdle() {
        close(Use::isLongIdle);
    }

    /** Nothing is served any more. */
    void closeAll() {
        close(Use::isIdle);
    }

    private void close(Predicate<Use> which) {
        uses.entrySet().stream().filter(entry -> which.test(entry.getValue())).map(Map.Entry::getKey).toList()
                .forEach(this::shutdown);
    }

    /** What is being written is written first. */
    private void shutdown(HttpConnection connection) {
        connection.shutdown(drain.settings().grace().toMillis(), TimeUnit.MILLISECONDS);
    }
}
