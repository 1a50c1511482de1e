package sluice.login;

/** A login that failed. It carries no stack trace. */
public final class LoginFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Who caused it. */
    public enum Why {
        /** The provider does not answer, or answers something unusable. */
        AWAY,
        /** The provider refused the person, or what it sent cannot be trusted. */
        REFUSED
    }

    private final Why why;

    LoginFailed(Why why, String message) {
        super(message, null, false, false);
        this.why = why;
    }

    public Why why() {
        return why;
    }
}
