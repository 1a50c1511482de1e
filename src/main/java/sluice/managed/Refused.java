package sluice.managed;

import org.jspecify.annotations.Nullable;

/** Why a change is not made; its message tells the remedy. It carries no stack trace. */
public final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** The kind of reason. */
    public enum Why {
        /** There is no such tenant. */
        NO_TENANT,
        /** There is no such key. */
        NO_KEY,
        /** The configuration declares it, and nobody else changes it. */
        DECLARED,
        /** There is one of this name, or with this digest, already. */
        EXISTS,
        /** The settings are not those of a tenant here. */
        UNFIT,
        /** It would be one too many. */
        TOO_MANY,
        /** The key of an earlier request came with another one. */
        KEY_REUSED,
        /** Each process has a ledger of its own, so that nothing can be managed for all. */
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
