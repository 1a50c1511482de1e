package sluice.managed;

import org.jspecify.annotations.Nullable;

/** Why a change is refused; its message gives the remedy. It carries no stack trace. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The kind of reason. */
    public enum Why {
        /** There is no such tenant. */
        NO_TENANT,
        /** There is no such key. */
        NO_KEY,
        /** The configuration declares it, and only the configuration changes it. */
        DECLARED,
        /** One of this name, or with this digest, exists already. */
        EXISTS,
        /** The settings are not those of a tenant here. */
        UNFIT,
        /** There would be too many. */
        TOO_MANY,
        /** The idempotency key of an earlier request came with a different one. */
        KEY_REUSED,
        /** Each process has its own ledger, so nothing can be managed for all. */
        NOT_SHARED
    }

    private final Why why;
    private final @Nullable String param;

    Refused(Why why, @Nullable String param, String message) {
        super(message, null, false, false);
        this.why = why;
        this.param = param;
    }

    public Why why() {
        return why;
    }

    /** The field at fault, or null. */
    public @Nullable String param() {
        return param;
    }
}
