package sluice.net;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import sluice.time.Time;

/**
 * Timers of one length on one event loop. They fall due in the order they were set, so one Vert.x timer serves them
 * all, and a call that ends in time has only entered a list and left it.
 */
public final class Timeouts {

    /** A task that runs unless it is cancelled first. */
    public interface Timeout {

        /** Does nothing if it is too late or called again. */
        void cancel();
    }

    private final Vertx vertx;
    private final Time time;
    private final long nanos;
    /** Before the first entry and after the last. */
    private final Entry ends = new Entry(() -> {}, 0);
    private boolean waiting;

    public Timeouts(Vertx vertx, Time time, Duration length) {
        this.vertx = vertx;
        this.time = time;
        this.nanos = length.toNanos();
    }

    /** The length of each, in nanoseconds. */
    public long nanos() {
        return nanos;
    }

    /** The time, in nanoseconds from an arbitrary origin. */
    public long now() {
        return time.nanos();
    }

    /** Starts one. */
    public Timeout start(Runnable task) {
        Entry entry = new Entry(task, now() + nanos);
        entry.enter(ends);
        if (!waiting) {
            awaitFirst();
        }
        return entry;
    }

    /** Starts one that is shorter than the others. */
    public Timeout start(Runnable task, long shorterNanos) {
        long timer = vertx.setTimer(millis(shorterNanos), fired -> task.run());
        return () -> vertx.cancelTimer(timer);
    }

    private void awaitFirst() {
        waiting = true;
        vertx.setTimer(millis(ends.after.due - now()), fired -> {
            waiting = false;
            runDue(now());
        });
    }

    private void runDue(long now) {
        while (ends.after != ends && ends.after.due <= now) {
            Entry first = ends.after;
            first.cancel();
            first.task.run();
        }
        if (ends.after != ends && !waiting) {
            awaitFirst();
        }
    }

    private static long millis(long nanos) {
        return Math.max(1, Math.ceilDiv(nanos, TimeUnit.MILLISECONDS.toNanos(1)));
    }

    /** An entry in the ring of pending timeouts. */
    private static final class Entry implements Timeout {
        private final Runnable task;
        private final long due;
        private Entry before = this;
        private Entry after = this;

        Entry(Runnable task, long due) {
            this.task = task;
            this.due = due;
        }

        void enter(Entry ends) {
            before = ends.before;
            after = ends;
            before.after = this;
            ends.before = this;
        }

        @Override
        public void cancel() {
            before.after = after;
            after.before = before;
            before = this;
            after = this;
        }
    }
}
