package sluice.cluster;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import sluice.time.Time;

/**
 * Regularly sweeps everything that holds part of a shared limit, so that nothing is held for long; the rest costs
 * nothing.
 */
final class Sweep {
    private static final Duration EVERY = Duration.ofMillis(250);

    private final Set<Swept> holding = ConcurrentHashMap.newKeySet();
    private final AtomicLong timer = new AtomicLong(-1);
    private final Time time;

    Sweep(Time time) {
        this.time = time;
    }

    /** Adds it to the next sweep. */
    void soon(Swept some) {
        holding.add(some);
    }

    /** The largest fraction of a limit that is held now. */
    double held() {
        return holding.stream().mapToDouble(Swept::held).max().orElse(0);
    }

    void start(Vertx vertx) {
        timer.set(vertx.setPeriodic(EVERY.toMillis(), rung -> sweep()));
    }

    void stop(Vertx vertx) {
        vertx.cancelTimer(timer.get());
    }

    /** Returns all that is held, since this replica is ending; completes when the store has answered, or failed to. */
    synchronized Future<Void> leave() {
        List<Future<?>> told = new ArrayList<>();
        holding.forEach(some -> told.add(some.leave().transform(heard -> Future.succeededFuture())));
        holding.clear();
        return Future.all(told).mapEmpty();
    }

    /** Removed from the set first, so that one that acquires something meanwhile can add itself back. */
    synchronized void sweep() {
        long now = time.nanos();
        for (Swept some : List.copyOf(holding)) {
            holding.remove(some);
            if (some.sweep(now)) {
                holding.add(some);
            }
        }
    }
}
