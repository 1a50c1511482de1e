package sluice.net;

import org.jspecify.annotations.Nullable;

/** Whether the caller has left. At any moment at most one stage waits, and that one is told. */
public final class Departure {
    private boolean gone;
    private @Nullable Runnable action;

    /** What to do when the caller leaves, in place of what was to be done before; at once if it has left. */
    public void onLeave(Runnable whenGone) {
        action = whenGone;
        if (gone) {
            whenGone.run();
        }
    }

    /** Nobody waits any longer. */
    public void ignore() {
        action = null;
    }

    public boolean gone() {
        return gone;
    }

    /** The caller has left. */
    public void happened() {
        gone = true;
        if (action != null) {
            action.run();
        }
    }
}
