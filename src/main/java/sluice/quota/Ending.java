package sluice.quota;

/** How a call ended, which decides what happens to what it took from limits. */
public sealed interface Ending {
    /** {@link NotSent}. */
    Ending NOT_SENT = new NotSent();
    /** {@link NotRun}. */
    Ending NOT_RUN = new NotRun();
    /** {@link AsReserved}. */
    Ending AS_RESERVED = new AsReserved();

    /** The upstream received nothing complete, and not by the caller's fault: everything goes back. */
    record NotSent() implements Ending {}

    /**
     * No model ran: it was the caller's mistake, or the upstream answered with an error. The request stays spent, as
     * at OpenAI, so that hammering is not free; the tokens go back.
     */
    record NotRun() implements Ending {}

    /** A model ran and used this many tokens, as reported or as estimated from what was relayed. */
    record Used(long tokens) implements Ending {}

    /** A model may have run, but its usage was not reported: what was reserved stays spent. */
    record AsReserved() implements Ending {}
}
