package sluice.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Whether the store is asked. States are immutable and follow each other by what happened and when: three failures in a
 * row and no success for two time-outs open it, so does a closed connection; only several answers in a row that came in
 * time close it. A time-out that rings late says that this process itself was stalled, and proves nothing of the store; but
 * whatever the reason, a second without an answer is enough.
 */
final class Breaker {
    private static final int IN_A_ROW = 3;
    private static final int MOST_IN_A_ROW = 48;
    private static final long ENOUGH_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** After so long without a break, trouble is over: what comes then is another one. */
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(10);

    /**
     * What was and is.
     *
     * @param needed      answers in a row that close it
     * @param succeededAt when the store answered last
     * @param troubledAt  when it had answered last before the present trouble, or the last one
     */
    private record History(int needed, long succeededAt, long troubledAt) {}

    private sealed interface State {
        History history();

        record Closed(int failures, long since, History history) implements State {}

        record Open(int answers, History history) implements State {}
    }

    private final long timeout;
    private final AtomicReference<State> state;

    /** Open at first: nothing has answered yet. */
    Breaker(Duration timeout, long now) {
        this.timeout = timeout.toNanos();
        this.state = new AtomicReference<>(new State.Open(0, new History(IN_A_ROW, now, now)));
    }

    /** When the store answered last; when this was made, if never. */
    long succeededAt() {
        return state.get().history().succeededAt();
    }

    /** When the store had answered last before the present trouble, which goes on until it has served for ten seconds. */
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

    /** While it is open, the store has answered in time, or has not; whether that closes it. */
    boolean tried(boolean inTime, long now) {
        return state.getAndUpdate(was -> switch (was) {
            case State.Closed closed -> closed;
            case State.Open(int answers, History history) when inTime && answers + 1 >= history.needed() ->
                new State.Closed(0, now, new History(history.needed(), now, history.troubledAt()));
            case State.Open(int answers, History history) -> new State.Open(inTime ? answers + 1 : 0, history);
        }) instanceof State.Open && closed();
    }

    /** Whether the store served only for a moment before, so that it is tried with more patience. */
    boolean wary() {
        return state.get().history().needed() > IN_A_ROW;
    }

    /** Nothing can be asked any more; whether that is news. */
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

    /** A message was not answered in the time since it was sent; whether that is too much now. */
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
