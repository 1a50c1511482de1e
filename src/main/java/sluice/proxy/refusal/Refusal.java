package sluice.proxy.refusal;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** The expected failure of a stage. It carries its reason and no stack. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Reason reason;

    public Refusal(Reason reason) {
        this(reason, null);
    }

    private Refusal(Reason reason, @Nullable Throwable cause) {
        super(reason.toString(), cause, false, false);
        this.reason = reason;
    }

    /** What a failure is once its call has a connection to the upstream; a fault of ours remembers whether it was sent. */
    public static Throwable once(boolean whole, Throwable failure) {
        return failure instanceof Refusal ? failure : new Refusal(new Reason.Internal(whole), failure);
    }

    /** A stage's answer that there is nothing for the next one. */
    public static <T> Future<T> of(Reason reason) {
        return Future.failedFuture(new Refusal(reason));
    }

    /** Why a stage has failed; whatever was not expected is a fault of ours. */
    public static Reason reasonOf(Throwable failure) {
        return failure instanceof Refusal refusal ? refusal.reason : new Reason.Internal(false);
    }
}
