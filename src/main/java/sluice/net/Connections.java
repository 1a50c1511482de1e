package sluice.net;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Part;
import sluice.isolation.Room;
import sluice.time.Time;

/**
 * The client connections on one event loop: closed if a head does not complete, if no call arrives, if the client
 * does not take its answer, and with care when the gateway shuts down. A client learns of the shutdown from the head
 * of an answer. If its last answer had begun before that, it does not know, and its next call may already be on its
 * way. So idle connections get one more request, then are closed, once they have been unused for so long that the
 * client will not use them again.
 */
public final class Connections {

    /**
     * How long connections are tolerated.
     *
     * @param headTimeout until a request head is complete
     * @param idle        without a call
     * @param writeIdle   while no byte of an answer is accepted
     */
    public record Settings(Duration headTimeout, Duration idle, Duration writeIdle) {}

    /** Closes a connection once its answers are sent, after this time in any case. */
    @FunctionalInterface
    public interface Shutdown {
        void within(Duration grace);

        /** As Vert.x does it, for its own answers. */
        static Shutdown of(HttpConnection connection) {
            return grace -> connection.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** How a connection has been used. */
    private static final class Use {
        private static final long NONE = -1;

        private final HttpConnection connection;
        private final Shutdown shutdown;
        private final boolean late;
        private final Optional<Part> part;
        private final Outflow outflow;
        private final LastCredential lastCredential = new LastCredential();
        private Timeouts.@Nullable Timeout head;
        private boolean headCame;
        private boolean headBegan;
        private boolean told;
        private int requests;
        private long idleFrom;
        private long idleTimer = NONE;

        Use(HttpConnection connection, Shutdown shutdown, boolean late) {
            this.connection = connection;
            this.shutdown = shutdown;
            this.late = late;
            this.part = Door.part(connection);
            this.outflow = new Outflow(connection);
        }

        /** Kept alive by its client; a connection that never had a request is about to get its first. */
        boolean isIdle() {
            return headCame && requests == 0;
        }
    }

    /** Once this share of all permitted connections is open, idle ones make room. */
    private static final double CROWDED = 0.8;
    /** Checks per timeout: the precision with which silence is measured. */
    private static final int LOOKS = 4;
    private static final long RAREST_LOOK_MILLIS = 15_000;

    private final Vertx vertx;
    private final Bulkhead all;
    private final Timeouts heads;
    private final long idleNanos;
    private final long writeIdleNanos;
    private final Drain drain;
    private final Time time;
    private final IdentityHashMap<HttpConnection, Use> uses = new IdentityHashMap<>();
    /** Connections without a call, the longest idle first. */
    private final LinkedHashSet<Use> idle = new LinkedHashSet<>();

    /** @param all the connections of all event loops */
    public Connections(Vertx vertx, Bulkhead all, Settings settings, Drain drain, Time time) {
        this.vertx = vertx;
        this.all = all;
        this.heads = new Timeouts(vertx, time, settings.headTimeout());
        this.idleNanos = settings.idle().toNanos();
        this.writeIdleNanos = settings.writeIdle().toNanos();
        this.drain = drain;
        this.time = time;
        vertx.setPeriodic(lookMillis(settings), look -> closeSilent());
    }

    private static long lookMillis(Settings settings) {
        Duration shorter = settings.idle().compareTo(settings.writeIdle()) < 0
                ? settings.idle()
                : settings.writeIdle();
        return Math.clamp(shorter.toMillis() / LOOKS, 1, RAREST_LOOK_MILLIS);
    }

    public void opened(HttpConnection connection, Shutdown shutdown) {
        Use use = new Use(connection, shutdown, drain.closing());
        uses.put(connection, use);
        awaitHead(use);
        ConnectionEnd.then(connection, () -> closed(use));
        if (all.used() > all.total() * CROWDED && !idle.isEmpty()) {
            ConnectionEnd.abort(idle.getFirst().connection);
        }
    }

    private void closed(Use use) {
        uses.remove(use.connection);
        idle.remove(use);
        forgetHead(use);
        if (vertx.cancelTimer(use.idleTimer)) {
            drain.over();
        }
    }

    private void awaitHead(Use use) {
        forgetHead(use);
        use.head = heads.start(() -> ConnectionEnd.abort(use.connection));
    }

    private static void forgetHead(Use use) {
        if (use.head != null) {
            use.head.cancel();
            use.head = null;
        }
    }

    /** The first bytes of a request head have arrived, but not all of it. */
    public void headBegan(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null && !use.headBegan) {
            use.headBegan = true;
            if (use.isIdle()) {
                awaitHead(use);
            }
        }
    }

    /** A request head is complete, or cannot be parsed: a request is in progress. */
    public void headCame(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null) {
            use.headCame = true;
            use.headBegan = false;
            use.requests++;
            forgetHead(use);
            idle.remove(use);
        }
    }

    /** A request has been answered, or is over without an answer. */
    public void answered(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null && --use.requests == 0) {
            use.idleFrom = time.nanos();
            idle.add(use);
            if (use.headBegan) {
                awaitHead(use);
            }
        }
    }

    /** A tenant has authenticated: from its first call on, a connection counts for it and not for the address. */
    public Room claim(HttpConnection connection, Holder tenant) {
        Use use = uses.get(connection);
        if (use == null || use.part.isEmpty() || use.part.get().holder() instanceof Holder.Tenant) {
            return Room.GIVEN;
        }
        Room room = use.part.get().moveTo(tenant);
        if (!room.given()) {
            shutdown(use);
        }
        return room;
    }

    /** What it remembers of the credential last presented over it. */
    public LastCredential lastCredential(HttpConnection connection) {
        Use use = uses.get(connection);
        return use == null ? new LastCredential() : use.lastCredential;
    }

    /** Whether it was opened after the gateway had stopped serving new connections. */
    public boolean isLate(HttpConnection connection) {
        Use use = uses.get(connection);
        return use != null && use.late;
    }

    /** Every answer asks the client to close from now on. */
    public void tell(HttpConnection connection) {
        Use use = uses.get(connection);
        if (use != null) {
            use.told = true;
            // Closes once its answers are sent: HTTP/2 announces it at once, HTTP/1.1 in the answer's header.
            shutdown(use);
        }
    }

    /** A request that is not refused outright is in progress: the shutdown waits for it. */
    public void begun() {
        drain.begun();
    }

    /** A request that has {@link #begun()} is over. */
    public void over(HttpConnection connection) {
        answered(connection);
        Use use = uses.get(connection);
        if (use != null && drain.leaving() && use.isIdle() && !use.told) {
            closeWhenIdle(use);
        }
        drain.over();
    }

    /** Closes connections that have been idle for too long or whose peer accepts nothing. */
    private void closeSilent() {
        long now = time.nanos();
        List<Use> old = new ArrayList<>();
        for (Use use : idle) {
            if (now - use.idleFrom < idleNanos) {
                break;
            }
            old.add(use);
        }
        old.forEach(this::shutdown);
        List<Use> stuck = new ArrayList<>();
        for (Use use : uses.values()) {
            if (use.outflow.stuckNanos(now) >= writeIdleNanos) {
                stuck.add(use);
            }
        }
        stuck.forEach(use -> ConnectionEnd.abort(use.connection));
    }

    /** New connections are no longer served, and idle ones are kept only for a while. */
    public void closeIdle() {
        uses.values().forEach(use -> {
            if (use.isIdle() && use.idleTimer == Use.NONE) {
                closeWhenIdle(use);
            }
        });
    }

    /** The shutdown waits for it. */
    private void closeWhenIdle(Use use) {
        long idled = TimeUnit.NANOSECONDS.toMillis(time.nanos() - use.idleFrom);
        drain.begun();
        use.idleTimer = vertx.setTimer(Math.max(1, drain.settings().idle().toMillis() - idled), over -> {
            use.idleTimer = Use.NONE;
            if (use.isIdle()) {
                shutdown(use);
            }
            drain.over();
        });
    }

    /** Nothing is served any more: closes every idle connection. */
    public void closeAll() {
        List.copyOf(uses.values()).forEach(use -> {
            if (use.isIdle()) {
                shutdown(use);
            }
        });
    }

    /** Pending writes are finished first. */
    private void shutdown(Use use) {
        use.shutdown.within(drain.settings().grace());
    }
}
