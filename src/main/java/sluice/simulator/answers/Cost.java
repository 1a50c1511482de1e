package sluice.simulator.answers;

/** What a call is charged against the limits. */
public interface Cost {
    String model();

    /** Charged on admission, not corrected later. */
    long tokensCharged();
}
