package sluice.ledger;

/** Is told how the ledger fares, on the threads that use it. */
@FunctionalInterface
public interface LedgerObserver {

    /** It could not be read or written. */
    void failed();

    /** It cannot be used from now on; the reason is in words, with a remedy. */
    default void away(String why) {}

    /** It can be used again. */
    default void back() {}
}
