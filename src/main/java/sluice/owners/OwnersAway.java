package sluice.owners;

/** It cannot be told now whose objects are: the ledger is away, or too many ask at once. */
public final class OwnersAway extends RuntimeException {
    private static final long serialVersionUID = 1;

    OwnersAway(String message) {
        super(message, null, false, false);
    }
}
