package sluice.cluster;

/** The store was unreachable. Expected, so there is no stack trace. */
final class StoreAway extends RuntimeException {
    private static final long serialVersionUID = 1;

    StoreAway() {
        super("the connection is closed", null, false, false);
    }
}
