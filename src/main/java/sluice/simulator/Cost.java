package sluice.simulator;

/** What a call is charged against the limits. */
interface Cost {
    String model();

    /** Charged on admission, not corrected later. */
    long tokensCharged();
}
