package sluice.cluster;

/** What happens to shared limits while the store cannot be reached. */
public enum StoreLoss {
    /** Each replica enforces its share of the limit. */
    SHARE,
    /** Calls pass. */
    OPEN,
    /** Calls are refused. */
    CLOSED
}
