package sluice.login;

/** Nobody has logged in. It carries no stack trace. */
public final class LoginFailed extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Whose doing it is. */
    public enum Why {
        /** The provider does not answer, or not as it should. */
        AWAY,
        /** The provider does not vouch for whoever it is, or not in a way that can be trusted. */
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
