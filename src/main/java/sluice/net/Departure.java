package sluice.net;

import org.jspecify.annotations.Nullable;

/** Whether the caller has left. At most one stage waits at any moment, and it is the one to be called. */
public final class Departure {
    private boolean gone;
    private @Nullable Runnable action;

    /** Sets what to do when the caller leaves, in place of what was set before; runs at once if it has left. */
    public void onLeave(Runnable whenGone) {
        action = whenGone;
        if (gone) {
            whenGone.run();
        }
    }

    /** From now on nothing is done when the caller leaves. */
    public void ignore() {
        action = null;
    }

    public boolean gone() {
        return gone;
    }

    /** The caller disconnected. */
    public void happened() {
        gone = true;
        if (action != null) {
            action.run();
        }
    }
}
