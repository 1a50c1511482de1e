package sluice.proxy.refusal;

import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Facts;

/** The expected failure of a stage. It carries its reason and no stack trace. */
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Reason reason;
    private transient @Nullable Facts facts;
    private transient @Nullable ErrorResponse response;

    public Refusal(Reason reason) {
        this(reason, null);
    }

    private Refusal(Reason reason, @Nullable Throwable cause) {
        super(reason.toString(), cause, false, false);
        this.reason = reason;
    }

    /** Wraps a failure of a call that has its upstream connection; a fault of ours then records whether it was sent. */
    public static Refusal refusal(Throwable failure, boolean whole) {
        return failure instanceof Refusal refusal ? refusal : new Refusal(new Reason.Internal(whole), failure);
    }

    /** A stage's result if it has nothing for the next one. */
    public static <T> Future<T> of(Reason reason) {
        return Future.failedFuture(new Refusal(reason));
    }

    /** The same, with what was known of the call by then. */
    public static <T> Future<T> of(Reason reason, Facts facts) {
        Refusal refusal = new Refusal(reason);
        refusal.facts = facts;
        return Future.failedFuture(refusal);
    }

    /** The failure, with what was known of the call when it occurred, unless that is recorded already. */
    public static Refusal known(Throwable failure, Facts facts) {
        Refusal refusal = refusal(failure, false);
        if (refusal.facts == null) {
            refusal.facts = facts;
        }
        return refusal;
    }

    /** What was known of the call when it failed, or else the least that is known. */
    public static Facts factsOf(Throwable failure, Facts least) {
        return failure instanceof Refusal refusal && refusal.facts != null ? refusal.facts : least;
    }

    /** Why a stage has failed; anything unexpected is an internal fault. */
    public static Reason reasonOf(Throwable failure) {
        return failure instanceof Refusal refusal ? refusal.reason : new Reason.Internal(false);
    }

    /** How a failure is reported to the caller, and what happens to what its call has taken. */
    public static ErrorResponse responseOf(Throwable failure) {
        Refusal refusal = refusal(failure, false);
        ErrorResponse response = refusal.response;
        if (response == null) {
            response = ErrorResponse.of(refusal.reason);
            refusal.response = response;
        }
        return response;
    }
}
