package sluice.net;

import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Whether the caller has left. At most one stage waits at any moment, and it is the one to be called. A call continues
 * without its caller as long as others follow its answer.
 */
public final class Departure {
    private boolean left;
    private BooleanSupplier wanted = () -> false;
    private @Nullable Runnable action;
    private boolean always;

    /** The call continues while its answer is wanted, even if the caller leaves. */
    public void unless(BooleanSupplier answerWanted) {
        wanted = answerWanted;
    }

    /** Sets what to do when nobody wants the answer any more, replacing what was set before; runs at once if that is so already. */
    public void onLeave(Runnable whenGone) {
        action = whenGone;
        always = false;
        tell();
    }

    /** Like {@link #onLeave}, but also runs when the caller leaves while others want the answer. */
    public void onEveryLeave(Runnable whenGone) {
        action = whenGone;
        always = true;
        tell();
    }

    /** From now on nothing is done when the caller leaves. */
    public void ignore() {
        action = null;
    }

    /** Whether nobody wants the answer any more. */
    public boolean gone() {
        return left && !wanted.getAsBoolean();
    }

    /** Whether the caller has left, even if others want the answer. */
    public boolean left() {
        return left;
    }

    /** The caller disconnected. */
    public void happened() {
        left = true;
        tell();
    }

    /** Whether the answer is wanted may have changed. */
    public void reconsider() {
        tell();
    }

    private void tell() {
        if (action != null && left && (always || gone())) {
            action.run();
        }
    }
}
