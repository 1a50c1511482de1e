package sluice.schedule;

/** What the scheduler has to say to a call. */
public sealed interface Decision {

    /**
     * The call may be sent.
     *
     * @param permit         to be sent or given back
     * @param waitNanos      how long the call waited for it
     * @param predictedNanos how long it was expected to wait when it came
     */
    record Granted(Permit permit, long waitNanos, long predictedNanos) implements Decision {}

    /**
     * There is no permit in time.
     *
     * @param why             which bound it met
     * @param because         what kept the accounts from serving it, by its name; empty if they did serve others
     * @param retryAfterNanos after which another attempt could fare better; at least 1
     * @param waitNanos       how long the call waited in vain
     */
    record Denied(Why why, String because, long retryAfterNanos, long waitNanos) implements Decision {}

    /** The caller left while the call waited. */
    record Left() implements Decision {}

    /** Why a call got no permit. */
    enum Why {
        /** As many calls wait as may, of the tenant or in all. */
        QUEUE_FULL,
        /** As many calls of the tenant wait as may, so that others find room. */
        SHARE_FULL,
        /** It would wait longer than it may. */
        TOO_LONG,
        /** It has waited as long as it may. */
        DEADLINE,
        /** No account that may serve it is to be waited for. */
        REFUSED,
        /** The scheduler takes no calls any longer. */
        CLOSED,
        /** It needs more than any account that may serve it can ever hold. */
        TOO_LARGE
    }
}
