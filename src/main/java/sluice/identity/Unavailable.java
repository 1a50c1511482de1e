package sluice.identity;

/** It cannot be verified at the moment. The caller should try again. */
public final class Unavailable extends Exception {
    private static final long serialVersionUID = 1;

    /** Why not. */
    public enum Why {
        /** The keys of its issuer cannot be read. */
        ISSUER_AWAY,
        /** Too many tokens are waiting, or its address has just sent too many with wrong signatures. */
        BUSY
    }

    private final Why why;

    Unavailable(Why why, String message) {
        super(message, null, false, false);
        this.why = why;
    }

    /** Why not. */
    public Why why() {
        return why;
    }

    /** A sentence for the caller. */
    public String sentence() {
        return String.valueOf(getMessage());
    }
}
