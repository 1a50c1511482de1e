package sluice.calls;

/** Is told where call records go while the ledger does not accept them, on the ledger's own thread. */
@FunctionalInterface
public interface BacklogObserver {

    /** The spool could not be read or written. */
    void spoolFailed();

    /**
     * Records are kept elsewhere from now on.
     *
     * @param lost whether the oldest of them are lost
     * @param told where they go, and why
     */
    default void behind(boolean lost, String told) {}

    /** The ledger has all of them again. */
    default void caughtUp() {}
}
