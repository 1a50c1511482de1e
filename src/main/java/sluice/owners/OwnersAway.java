package sluice.owners;

/** The owners of objects cannot be looked up at the moment: the ledger is away, or too many calls ask at once. */
public final class OwnersAway extends RuntimeException {
    private static final long serialVersionUID = 1;

    OwnersAway(String message) {
        super(message, null, false, false);
    }
}
