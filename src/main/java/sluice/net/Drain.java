package sluice.net;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The orderly shutdown of a gateway: it first announces that it is leaving, then takes nothing new, then is empty. A
 * client learns of it from an answer, or, without a call, by being disconnected. Idle connections get one more
 * request, whose answer announces the shutdown, then are closed.
 */
public final class Drain {

    /**
     * How long the shutdown may take.
     *
     * @param delay in which everything is still served after readiness is gone, so that load balancers notice
     * @param grace in which calls in flight may finish
     * @param idle  after which an unused connection is closed whose client does not know of the shutdown; at most
     *              half of the grace
     */
    public record Settings(Duration delay, Duration grace, Duration idle) {}

    /**
     * While closing, connections whose client does not know of the shutdown get one more call; once closed, nothing
     * is accepted.
     */
    private enum Phase {
        SERVING, LEAVING, CLOSING, CLOSED
    }

    private final AtomicInteger calls = new AtomicInteger();
    private final Promise<Void> empty = Promise.promise();
    private final List<Supplier<Future<?>>> closing = new CopyOnWriteArrayList<>();
    private final List<Runnable> refusing = new CopyOnWriteArrayList<>();
    private volatile Settings settings;
    private volatile Phase phase = Phase.SERVING;

    /** Serves until {@link #leave()}. */
    public Drain(Settings settings) {
        this.settings = settings;
    }

    /** Changes how long the shutdown may take. */
    public void change(Settings changed) {
        settings = changed;
    }

    /** How long the shutdown may take. */
    public Settings settings() {
        return settings;
    }

    /** Everything is still served, but connections are not kept and readiness is gone. */
    public void leave() {
        phase = Phase.LEAVING;
    }

    /** Serves no new connection; completes when the last call is over. */
    public Future<Void> close() {
        begun();
        phase = Phase.CLOSING;
        Future.all(closing.stream().map(Supplier::get).toList()).onComplete(done -> over());
        return empty.future();
    }

    /** Accepts nothing from now on, so that the shutdown ends in time. */
    public void refuse() {
        phase = Phase.CLOSED;
        refusing.forEach(Runnable::run);
    }

    /** Runs the action when nothing is accepted any more. */
    public void onRefuse(Runnable action) {
        refusing.add(action);
    }

    /** Runs the action when new connections are no longer served. */
    public void onClose(Supplier<Future<?>> action) {
        closing.add(action);
    }

    /** Whether the shutdown has begun. */
    public boolean leaving() {
        return phase != Phase.SERVING;
    }

    /** Calls in flight. */
    public int calls() {
        return calls.get();
    }

    /** Whether new connections are no longer served. */
    boolean closing() {
        return phase.compareTo(Phase.CLOSING) >= 0;
    }

    /**
     * Whether a call is refused.
     *
     * @param warned whether its connection was opened after the gateway had stopped serving new ones
     */
    public boolean refuses(boolean warned) {
        return phase == Phase.CLOSED || (phase == Phase.CLOSING && warned);
    }

    void begun() {
        calls.incrementAndGet();
    }

    void over() {
        if (calls.decrementAndGet() == 0 && closing()) {
            empty.tryComplete();
        }
    }
}
