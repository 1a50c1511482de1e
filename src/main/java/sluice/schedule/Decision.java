package sluice.schedule;

/** The scheduler's answer to a call. */
public sealed interface Decision {

    /**
     * The call may be sent.
     *
     * @param permit         to be sent or given back
     * @param waitNanos      how long the call waited for it
     * @param predictedNanos how long it was expected to wait on arrival
     */
    record Granted(Permit permit, long waitNanos, long predictedNanos) implements Decision {}

    /**
     * The call gets no permit in time.
     *
     * @param why             the bound it hit
     * @param because         the name of what kept the accounts from serving it; empty if they did serve others
     * @param retryAfterNanos after which another attempt may succeed; at least 1
     * @param waitNanos       how long the call waited
     */
    record Denied(Why why, String because, long retryAfterNanos, long waitNanos) implements Decision {}

    /** The caller left while the call waited. */
    record Left() implements Decision {}

    /** Why a call got no permit. */
    enum Why {
        /** No more calls may wait, of any tenant. */
        QUEUE_FULL,
        /** No more calls of this tenant may wait, so that others have room. */
        SHARE_FULL,
        /** It would wait longer than allowed. */
        TOO_LONG,
        /** It has waited as long as allowed. */
        DEADLINE,
        /** No account that could serve it is worth waiting for. */
        REFUSED,
        /** The scheduler no longer takes calls. */
        CLOSED,
        /** It needs more than any account that may serve it can ever hold. */
        TOO_LARGE,
        /** No account that it may be sent to serves its model. */
        NOT_SERVED
    }
}
