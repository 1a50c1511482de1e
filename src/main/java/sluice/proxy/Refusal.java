package sluice.proxy;

import io.vertx.core.Future;

/** The expected failure of a stage. It carries its reason and no stack. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Reason reason;

    Refusal(Reason reason) {
        super(reason.toString(), null, false, false);
        this.reason = reason;
    }

    /** A stage's answer that there is nothing for the next one. */
    static <T> Future<T> of(Reason reason) {
        return Future.failedFuture(new Refusal(reason));
    }

    /** Why a stage has failed; whatever was not expected is a fault of ours. */
    static Reason reasonOf(Throwable failure) {
        return failure instanceof Refusal refusal ? refusal.reason : new Reason.Internal();
    }
}
