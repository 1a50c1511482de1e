package sluice.identity;

/** It cannot be verified at the moment: its issuer's keys cannot be read, or too many tokens are waiting. */
public final class Unavailable extends Exception {
    private static final long serialVersionUID = 1;

    Unavailable(String message) {
        super(message, null, false, false);
    }

    /** A sentence for the caller. */
    public String sentence() {
        return String.valueOf(getMessage());
    }
}
