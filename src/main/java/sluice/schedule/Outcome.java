package sluice.schedule;

/** What the scheduler has to say to a call. */
public sealed interface Outcome {

    /**
     * The call may be sent.
     *
     * @param permit    to be sent or given back
     * @param waitNanos how long the call waited for it
     */
    record Granted(Permit permit, long waitNanos) implements Outcome {}

    /**
     * There is no permit in time.
     *
     * @param why             what stood against it
     * @param retryAfterNanos after which another attempt could fare better; at least 1
     */
    record Denied(Why why, long retryAfterNanos) implements Outcome {}

    /** The caller left while the call waited. */
    record Left() implements Outcome {}

    /** Why a call got no permit. */
    enum Why {
        /** As many calls wait as may. */
        QUEUE_FULL,
        /** It would wait longer than it may. */
        TOO_LONG,
        /** It has waited as long as it may. */
        DEADLINE
    }
}
