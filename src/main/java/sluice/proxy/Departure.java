package sluice.proxy;

import org.jspecify.annotations.Nullable;

/** Whether the caller has left. At any moment at most one stage waits, and that one is told. */
final class Departure {
    private boolean gone;
    private @Nullable Runnable then;

    /** What is to be done when the caller leaves, in place of what was to be done before; at once if it has left. */
    void then(Runnable action) {
        then = action;
        if (gone) {
            action.run();
        }
    }

    /** Nobody waits any longer. */
    void ignore() {
        then = null;
    }

    boolean gone() {
        return gone;
    }

    /** The caller has left. */
    void happened() {
        gone = true;
        if (then != null) {
            then.run();
        }
    }
}
