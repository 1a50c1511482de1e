package sluice.cluster;

/** What becomes of shared limits while the store cannot be reached. */
public enum StoreLoss {
    /** Each replica holds its part of the limit. */
    SHARE,
    /** Calls pass. */
    OPEN,
    /** Calls are refused. */
    CLOSED
}
