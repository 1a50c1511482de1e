package sluice.simulator;

/** What the limits are charged for a call. */
interface Cost {
    String model();

    /** On admission, not corrected later. */
    long tokensCharged();
}
