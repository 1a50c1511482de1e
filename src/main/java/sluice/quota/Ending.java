package sluice.quota;

/** What becomes of what a call has taken from limits, by how the call ended. */
public sealed interface Ending {
    /** {@link NotSent}. */
    Ending NOT_SENT = new NotSent();
    /** {@link NotRun}. */
    Ending NOT_RUN = new NotRun();
    /** {@link AsReserved}. */
    Ending AS_RESERVED = new AsReserved();

    /** Nothing reached the upstream whole, and the caller made no mistake: everything goes back. */
    record NotSent() implements Ending {}

    /**
     * No model ran: the caller's mistake, or the upstream answered with an error. The request stays spent, as at OpenAI, so
     * that nobody hammers for free; its tokens go back.
     */
    record NotRun() implements Ending {}

    /** A model ran and used so many tokens, as it told or as was estimated from what was relayed. */
    record Used(long tokens) implements Ending {}

    /** A model may have run, and nobody told what it used: what was reserved stands. */
    record AsReserved() implements Ending {}
}
