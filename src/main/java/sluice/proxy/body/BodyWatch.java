package sluice.proxy.body;

import java.util.concurrent.TimeUnit;
import sluice.net.IdleWatch;
import sluice.net.Timeouts;

/**
 * Reports when a request body arrives too slowly: nothing for too long, or less overall than the minimum rate, from
 * which its first seconds are exempt. Its clock stops while we are not reading.
 */
public final class BodyWatch {

    /**
     * How slowly a body may arrive.
     *
     * @param idle  as long as its longest silence
     * @param grace as long as its first part, which has no minimum rate
     * @param floor bytes per second
     */
    public record Bounds(Timeouts idle, Timeouts grace, long floor) {}

    private final Bounds bounds;
    private final Runnable late;
    private final IdleWatch silence;
    private final long begun;
    private Timeouts.Timeout next;
    private long came;
    private boolean paused;
    private long pausedAt;
    private long pausedNanos;

    /** Watches from now on, on the caller's event loop. */
    BodyWatch(Bounds bounds, Runnable late) {
        this.bounds = bounds;
        this.late = late;
        this.silence = new IdleWatch(bounds.idle(), late);
        this.begun = bounds.grace().now();
        this.next = bounds.grace().start(this::look);
    }

    /** This many bytes have arrived. */
    void heard(int bytes) {
        came += bytes;
        silence.heard();
    }

    /** We are not reading, so silence is our own. */
    void pause() {
        silence.pause();
        if (!paused) {
            paused = true;
            pausedAt = bounds.grace().now();
        }
    }

    void resume() {
        silence.resume();
        if (paused) {
            paused = false;
            pausedNanos += bounds.grace().now() - pausedAt;
        }
    }

    void stop() {
        silence.stop();
        next.cancel();
    }

    /** Each byte buys time, so that a fast start makes up for a slow end. */
    private void look() {
        long read = (paused ? pausedAt : bounds.grace().now()) - begun - pausedNanos;
        long left = bounds.grace().nanos() + TimeUnit.SECONDS.toNanos(came / bounds.floor()) - read;
        if (left > 0) {
            next = bounds.grace().start(this::look, left);
        } else if (paused) {
            next = bounds.grace().start(this::look);
        } else {
            late.run();
        }
    }
}
