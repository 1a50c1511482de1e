package sluice.simulator;

/** What a call asks of a model: what it costs, and how it is answered once that is paid. */
interface Ask {
    String model();

    /** Tokens that the limits are charged on admission, not corrected later. */
    long tokensCharged();

    Reply reply(Manner manner);
}
