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

/** Goes round all that holds something of the store's, so that nothing is held for long; what holds nothing costs nothing. */
final class Sweep {
    private static final Duration EVERY = Duration.ofMillis(250);

    private final Set<Swept> holding = ConcurrentHashMap.newKeySet();
    private final AtomicLong timer = new AtomicLong(-1);
    private final Time time;

    Sweep(Time time) {
        this.time = time;
    }

    /** It has something to tell. */
    void soon(Swept some) {
        holding.add(some);
    }

    /** The largest part of a limit that is held now. */
    double held() {
        return holding.stream().mapToDouble(Swept::held).max().orElse(0);
    }

    void start(Vertx vertx) {
        timer.set(vertx.setPeriodic(EVERY.toMillis(), rung -> sweep()));
    }

    void stop(Vertx vertx) {
        vertx.cancelTimer(timer.get());
    }

    /** All that is held goes back, since this replica must end; complete when the store has heard it, or does not answer. */
    synchronized Future<Void> leave() {
        List<Future<?>> told = new ArrayList<>();
        holding.forEach(some -> told.add(some.leave().transform(heard -> Future.succeededFuture())));
        holding.clear();
        return Future.all(told).mapEmpty();
    }

    /** Out of the set first: whoever holds something meanwhile puts itself back. */
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
