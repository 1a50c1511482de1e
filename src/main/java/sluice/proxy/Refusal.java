package sluice.proxy;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** The expected failure of a stage. It carries its reason and no stack. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Reason reason;

    Refusal(Reason reason) {
        this(reason, null);
    }

    private Refusal(Reason reason, @Nullable Throwable cause) {
        super(reason.toString(), cause, false, false);
        this.reason = reason;
    }

    /** What a failure is once its call has a connection to the upstream; a fault of ours remembers whether it was sent. */
    static Throwable once(boolean whole, Throwable failure) {
        return failure instanceof Refusal ? failure : new Refusal(new Reason.Internal(whole), failure);
    }

    /** A stage's answer that there is nothing for the next one. */
    static <T> Future<T> of(Reason reason) {
        return Future.failedFuture(new Refusal(reason));
    }

    /** Why a stage has failed; whatever was not expected is a fault of ours. */
    static Reason reasonOf(Throwable failure) {
        return failure instanceof Refusal refusal ? refusal.reason : new Reason.Internal(false);
    }
}
