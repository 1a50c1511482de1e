package sluice.managed;

import java.util.List;
import java.util.stream.Collectors;
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

    /**
     * One of the mistakes in settings.
     *
     * @param param   the field at fault, from the body's root
     * @param message with the field, what is wrong and what is expected
     */
    public record Mistake(String param, String message) {}

    private final Why why;
    private final @Nullable String param;
    private final transient List<Mistake> mistakes;

    Refused(Why why, @Nullable String param, String message) {
        super(message, null, false, false);
        this.why = why;
        this.param = param;
        this.mistakes = List.of();
    }

    /** Settings with mistakes; at least one. */
    Refused(List<Mistake> mistakes) {
        super(mistakes.stream().map(Mistake::message).collect(Collectors.joining(" ")), null, false, false);
        this.why = Why.UNFIT;
        this.param = mistakes.getFirst().param();
        this.mistakes = List.copyOf(mistakes);
    }

    public Why why() {
        return why;
    }

    /** All mistakes, if settings do not fit. */
    public List<Mistake> mistakes() {
        return mistakes;
    }

    /** The field at fault, or null. */
    public @Nullable String param() {
        return param;
    }
}
