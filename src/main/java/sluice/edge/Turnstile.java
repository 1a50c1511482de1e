package sluice.edge;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Begins calls, a few in each turn of an event loop, so that all else on the loop gets its share however many calls
 * arrive together. The others wait, connections by turns. HTTP/1.1 has at most one call of a connection waiting here,
 * HTTP/2 as many as the streams it permits.
 */
final class Turnstile {

    /** What it needs of its event loop. */
    interface Loop {

        /** Runs a task once everything that the sockets had for this turn has been read. */
        void atEnd(Runnable task);

        /** Runs a task in the next turn, after the sockets have been looked at again. */
        void next(Runnable task);

        /** Runs a call now, and lets no failure out. */
        void run(Runnable call);

        /** The event loop of this context. */
        static Loop of(ContextInternal context) {
            return new Loop() {
                @Override
                public void atEnd(Runnable task) {
                    context.nettyEventLoop().execute(task);
                }

                @Override
                public void next(Runnable task) {
                    // Not as a task: the loop goes through all its tasks before it looks at its sockets again.
                    var _ = context.nettyEventLoop().schedule(task, 0, TimeUnit.NANOSECONDS);
                }

                @Override
                public void run(Runnable call) {
                    context.dispatch(call);
                }
            };
        }
    }

    /** So few that a turn takes milliseconds even before the JVM has compiled what they run. */
    static final int MOST = 16;

    private final Loop loop;
    private final Runnable turnEnded = this::turnEnded;
    private final Runnable nextTurn = this::nextTurn;
    private final SequencedMap<HttpConnection, Deque<Runnable>> waiting = new LinkedHashMap<>();
    private final LongAdder all;
    private int begun;
    private boolean coming;

    /**
     * Of an event loop.
     *
     * @param all counts the calls that wait, on all event loops together
     */
    Turnstile(Loop loop, LongAdder all) {
        this.loop = loop;
        this.all = all;
    }

    /** Begins a call that has arrived over this connection, now or in a later turn. */
    void enter(HttpConnection connection, Runnable call) {
        if (begun == MOST || !waiting.isEmpty()) {
            waiting.computeIfAbsent(connection, first -> new ArrayDeque<>(1)).add(call);
            all.increment();
            awaitTurn();
        } else {
            count();
            call.run();
        }
    }

    private void count() {
        if (begun++ == 0) {
            loop.atEnd(turnEnded);
        }
    }

    private void turnEnded() {
        begun = 0;
    }

    private void awaitTurn() {
        if (!coming) {
            coming = true;
            loop.next(nextTurn);
        }
    }

    private void nextTurn() {
        coming = false;
        while (begun < MOST && !waiting.isEmpty()) {
            Map.Entry<HttpConnection, Deque<Runnable>> first = waiting.pollFirstEntry();
            Runnable call = first.getValue().remove();
            if (!first.getValue().isEmpty()) {
                waiting.putLast(first.getKey(), first.getValue());
            }
            all.decrement();
            count();
            loop.run(call);
        }
        if (!waiting.isEmpty()) {
            awaitTurn();
        }
    }
}
