package sluice.net;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * The orderly end of a gateway: first it says that it will go, then it takes nothing new, then it is empty. A connection
 * learns of the end from an answer, and one without a call by being closed; one whose answer was on its way already has
 * one more call served, which tells it, unless it idles for long.
 */
public final class Drain {

    /**
     * How long the end may take.
     *
     * @param delay in which everything is still served after readiness has gone, so that balancers notice
     * @param grace in which running calls may finish
     * @param idle  after which a connection without a call is closed whose client does not know of the end; half of the
     *              grace at most
     */
    public record Settings(Duration delay, Duration grace, Duration idle) {}

    /** While it closes, calls of connections that could not be told yet are still taken; at last, nothing is. */
    private enum Phase {
        SERVING, LEAVING, CLOSING, CLOSED
    }

    private final AtomicInteger calls = new AtomicInteger();
    private final Promise<Void> empty = Promise.promise();
    private final List<Supplier<Future<?>>> closing = new CopyOnWriteArrayList<>();
    private final List<Runnable> refusing = new CopyOnWriteArrayList<>();
    private volatile Settings settings;
    private volatile Phase phase = Phase.SERVING;

    /** Serves, until it is told otherwise. */
    public Drain(Settings settings) {
        this.settings = settings;
    }

    /** From now on the end may take so long. */
    public void change(Settings changed) {
        settings = changed;
    }

    /** How long it may take. */
    public Settings settings() {
        return settings;
    }

    /** Everything is served still, but connections are not kept and readiness is gone. */
    public void leave() {
        phase = Phase.LEAVING;
    }

    /** No new connection is served; the future completes when the last call is over. */
    public Future<Void> close() {
        begun();
        phase = Phase.CLOSING;
        Future.all(closing.stream().map(Supplier::get).toList()).onComplete(done -> over());
        return empty.future();
    }

    /** From now on nothing is taken, or it could not end in time. */
    public void refuse() {
        phase = Phase.CLOSED;
        refusing.forEach(Runnable::run);
    }

    /** What is to be done when nothing is taken any more. */
    public void onRefuse(Runnable action) {
        refusing.add(action);
    }

    /** What is to be done when new connections are no longer served. */
    public void onClose(Supplier<Future<?>> action) {
        closing.add(action);
    }

    /** Whether it has been told to leave. */
    public boolean leaving() {
        return phase != Phase.SERVING;
    }

    /** Calls under way. */
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
     * @param warned whether its connection was opened when it could have known better
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
