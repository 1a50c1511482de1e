package sluice.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether the store is asked. States are immutable and follow each other by what happened and when: three failures in a
 * row and no success for two time-outs open it, so does a closed connection; only a new connection that answers closes it.
 * A time-out that rings late says that this process itself was stalled, and proves nothing of the store; but whatever the
 * reason, a second without an answer is enough.
 */
final class Breaker {
    private static final int IN_A_ROW = 3;
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private sealed interface State {
        long succeededAt();

        record Closed(int failures, long succeededAt) implements State {}

        record Open(long succeededAt) implements State {}
    }

    private final long timeout;
    private final AtomicReference<State> state;

    /** Open at first: nothing has answered yet. */
    Breaker(Duration timeout, long now) {
        this.timeout = timeout.toNanos();
        this.state = new AtomicReference<>(new State.Open(now));
    }

    /** When the store answered last; when this was made, if never. */
    long succeededAt() {
        return state.get().succeededAt();
    }

    boolean closed() {
        return state.get() instanceof State.Closed;
    }

    /** The store has answered on a new connection. */
    void close(long now) {
        state.set(new State.Closed(0, now));
    }

    /** Nothing can be asked any more; whether that is news. */
    boolean open() {
        return state.getAndUpdate(was -> new State.Open(was.succeededAt())) instanceof State.Closed;
    }

    /** A message was answered. */
    void succeeded(long now) {
        state.updateAndGet(was -> was instanceof State.Closed ? new State.Closed(0, now) : was);
    }

    /** A message was not answered in the time since it was sent; whether that is too much now. */
    boolean failed(long sentAt, long now) {
        boolean stalled = now - sentAt > timeout + timeout / 2;
        State after = state.updateAndGet(was -> was instanceof State.Closed(int failures, long succeededAt)
                ? new State.Closed(stalled && now - succeededAt < ENOUGH_NANOS ? 0 : failures + 1, succeededAt)
                : was);
        return after instanceof State.Closed(int failures, long succeededAt) && failures >= IN_A_ROW
                && now - succeededAt >= 2 * timeout;
    }
}
