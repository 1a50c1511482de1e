package sluice.identity;

/** Nobody can say at the moment whose token it is: its issuer's keys cannot be read, or too many ask at once. */
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
