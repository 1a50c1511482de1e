package sluice.isolation;

import io.vertx.core.internal.ContextInternal;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Does work in portions, a few in each turn of an event loop, so that all else on the loop gets its share however much
 * arrives together: calls that begin, and the pieces of what is too large to be written at once. The rest waits, connections
 * and tenants by turns. HTTP/1.1 has at most one call of a connection waiting here, HTTP/2 as many as the streams it permits, and
 * an answer or a message at most one piece.
 */
public final class Turnstile {

    /** What it needs of its event loop. */
    public interface Loop {

        /** Runs a task once everything that the sockets had for this turn has been read. */
        void atEnd(Runnable task);

        /** Runs a task in the next turn, after the sockets have been looked at again. */
        void next(Runnable task);

        /** Runs a portion now, and lets no failure out. */
        void run(Runnable portion);

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
                public void run(Runnable portion) {
                    context.dispatch(portion);
                }
            };
        }
    }

    /** So few that a turn takes milliseconds even before the JVM has compiled what they run. */
    public static final int MOST = 16;

    private final Loop loop;
    private final Runnable turnEnded = this::turnEnded;
    private final Runnable nextTurn = this::nextTurn;
    private final SequencedMap<Object, Deque<Runnable>> waiting = new LinkedHashMap<>();
    private final LongAdder all;
    private int begun;
    private boolean coming;

    /**
     * Of an event loop.
     *
     * @param all counts what waits, on all event loops together
     */
    public Turnstile(Loop loop, LongAdder all) {
        this.loop = loop;
        this.all = all;
    }

    /** Does the first portion of something, now or in a later turn. */
    public void enter(Object owner, Runnable portion) {
        if (begun == MOST || !waiting.isEmpty()) {
            enterLater(owner, portion);
        } else {
            count();
            portion.run();
        }
    }

    /** Does another portion, in a later turn. */
    public void enterLater(Object owner, Runnable portion) {
        waiting.computeIfAbsent(owner, first -> new ArrayDeque<>(1)).add(portion);
        all.increment();
        awaitTurn();
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
            Map.Entry<Object, Deque<Runnable>> first = waiting.pollFirstEntry();
            Runnable portion = first.getValue().remove();
            if (!first.getValue().isEmpty()) {
                waiting.putLast(first.getKey(), first.getValue());
            }
            all.decrement();
            count();
            loop.run(portion);
        }
        if (!waiting.isEmpty()) {
            awaitTurn();
        }
    }
}
