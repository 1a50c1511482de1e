package sluice.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * The circuit breaker in front of the store; its states are immutable. Three failures in a row with no success for
 * two timeouts open it, as does a closed connection; only several timely answers in a row close it. A timeout that
 * fires late means that this process stalled and proves nothing about the store, unless that has been silent for a
 * second.
 */
final class Breaker {
    private static final int IN_A_ROW = 3;
    private static final int MOST_IN_A_ROW = 48;
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** After this long without an outage the trouble is over; the next outage starts another one. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * What the breaker remembers.
     *
     * @param needed      timely answers in a row that close it
     * @param succeededAt when the store last answered
     * @param troubledAt  when it last answered before the current trouble, or else before the previous one
     */
    private record History(int needed, long succeededAt, long troubledAt) {}

    private sealed interface State {
        History history();

        record Closed(int failures, long since, History history) implements State {}

        record Open(int answers, History history) implements State {}
    }

    private final long timeout;
    private final AtomicReference<State> state;

    /** Starts open: nothing has answered yet. */
    Breaker(Duration timeout, long now) {
        this.timeout = timeout.toNanos();
        this.state = new AtomicReference<>(new State.Open(0, new History(IN_A_ROW, now, now)));
    }

    /** When the store last answered; when this was created, if never. */
    long succeededAt() {
        return state.get().history().succeededAt();
    }

    /** When the store last answered before the current trouble, which lasts until it has served for ten seconds. */
    long troubledAt() {
        return troubledAt(state.get());
    }

    private static long troubledAt(State of) {
        History history = of.history();
        return of instanceof State.Closed closed && history.succeededAt() - closed.since() >= CALM_NANOS
                ? history.succeededAt()
                : history.troubledAt();
    }

    boolean closed() {
        return state.get() instanceof State.Closed;
    }

    /** An answer arrived while open, in time or not; returns whether that closes the breaker. */
    boolean tried(boolean inTime, long now) {
        return state.getAndUpdate(was -> switch (was) {
            case State.Closed closed -> closed;
            case State.Open(int answers, History history) when inTime && answers + 1 >= history.needed() ->
                new State.Closed(0, now, new History(history.needed(), now, history.troubledAt()));
            case State.Open(int answers, History history) -> new State.Open(inTime ? answers + 1 : 0, history);
        }) instanceof State.Open && closed();
    }

    /** Whether the store last served only for a moment, so that it is probed more patiently. */
    boolean wary() {
        return state.get().history().needed() > IN_A_ROW;
    }

    /** Opens the breaker; returns whether it was closed. */
    boolean open(long now) {
        return state.getAndUpdate(was -> {
            History had = was.history();
            int needed = was instanceof State.Closed closed
                    ? now - closed.since() < ENOUGH_NANOS ? Math.min(2 * had.needed(), MOST_IN_A_ROW) : IN_A_ROW
                    : had.needed();
            return new State.Open(0, new History(needed, had.succeededAt(), troubledAt(was)));
        }) instanceof State.Closed;
    }

    /** A message was answered. */
    void succeeded(long now) {
        state.updateAndGet(was -> was instanceof State.Closed(int failures, long since, History history)
                ? new State.Closed(0, since, new History(history.needed(), now, history.troubledAt()))
                : was);
    }

    /** A message failed or timed out; returns whether the breaker should open now. */
    boolean failed(long sentAt, long now) {
        boolean stalled = now - sentAt > timeout + timeout / 2;
        State after = state.updateAndGet(was -> was instanceof State.Closed(int failures, long since, History history)
                ? new State.Closed(stalled && now - history.succeededAt() < ENOUGH_NANOS ? 0 : failures + 1, since,
                        history)
                : was);
        return after instanceof State.Closed(int failures, long since, History history) && failures >= IN_A_ROW
                && now - history.succeededAt() >= 2 * timeout;
    }
}
