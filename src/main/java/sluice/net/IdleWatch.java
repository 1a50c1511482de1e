package sluice.net;

/**
 * Reports when nothing has arrived for too long. Checks when silence could be due rather than set a timer per piece.
 */
public final class IdleWatch {
    private final Timeouts timeouts;
    private final Runnable silence;
    private Timeouts.Timeout next;
    private long last;
    private boolean paused;

    /** Watches from now on, on the caller's event loop, for a silence as long as these timeouts. */
    public IdleWatch(Timeouts timeouts, Runnable silence) {
        this.timeouts = timeouts;
        this.silence = silence;
        this.last = timeouts.now();
        this.next = timeouts.start(this::look);
    }

    /** Something has arrived. */
    public void heard() {
        last = timeouts.now();
    }

    /** We are not reading, so silence is our own. */
    public void pause() {
        paused = true;
    }

    public void resume() {
        paused = false;
        heard();
    }

    public void stop() {
        next.cancel();
    }

    private void look() {
        long left = paused ? timeouts.nanos() : timeouts.nanos() - (timeouts.now() - last);
        if (left > 0) {
            next = timeouts.start(this::look, left);
        } else {
            silence.run();
        }
    }
}
