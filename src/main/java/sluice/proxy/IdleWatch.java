package sluice.proxy;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import sluice.time.Time;

/** Tells when nothing has come for too long. One timer looks when silence could be due, rather than one for each piece. */
final class IdleWatch {
    private final Vertx vertx;
    private final Time time;
    private final long idleNanos;
    private final Runnable silence;
    private long timer;
    private long last;
    private boolean paused;

    /** Watches from now on, on the caller's event loop. */
    IdleWatch(Vertx vertx, Time time, Duration idle, Runnable silence) {
        this.vertx = vertx;
        this.time = time;
        this.idleNanos = idle.toNanos();
        this.silence = silence;
        this.last = time.nanos();
        look(idleNanos);
    }

    /** Something has come. */
    void heard() {
        last = time.nanos();
    }

    /** Silence is our own doing now, since we do not read. */
    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        heard();
    }

    void stop() {
        vertx.cancelTimer(timer);
    }

    private void look(long nanos) {
        timer = vertx.setTimer(Math.max(1, Math.ceilDiv(nanos, TimeUnit.MILLISECONDS.toNanos(1))), fired -> {
            long left = paused ? idleNanos : idleNanos - (time.nanos() - last);
            if (left > 0) {
                look(left);
            } else {
                silence.run();
            }
        });
    }
}
