package sluice.identity;

/** A token that is rejected. */
public final class Rejected extends Exception {
    private static final long serialVersionUID = 1;

    /** Why, as a label for meters. */
    public enum Why {
        MALFORMED, ALGORITHM, ISSUER, KEY, SIGNATURE, EXPIRED, NOT_YET_VALID, AUDIENCE, TENANT, TOO_MANY
    }

    private final Why why;

    /** @param message a sentence for the caller, which contains no part of the token */
    Rejected(Why why, String message) {
        super(message, null, false, false);
        this.why = why;
    }

    /** Why. */
    public Why why() {
        return why;
    }

    /** A sentence for the caller. */
    public String sentence() {
        return String.valueOf(getMessage());
    }
}
