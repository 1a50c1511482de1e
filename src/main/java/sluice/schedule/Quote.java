package sluice.schedule;

import org.jspecify.annotations.Nullable;

/**
 * What an account says to a need, without taking anything.
 *
 * @param waitNanos until it could be met if nobody else took anything: 0 now, {@link #NEVER} not in sight
 * @param lacking   what stands against it, null if nothing does
 * @param cost      the largest share of any of the account's limits that the need takes
 * @param headroom  the smallest share of any of its limits that would be left, 0 to 1
 * @param load      of the account
 * @param pause     what part of the wait nothing but time can shorten; null if the account serves such calls
 */
public record Quote(long waitNanos, @Nullable Lacking lacking, double cost, double headroom, Load load,
        @Nullable Pause pause) {
    /** A wait whose end nobody knows. */
    public static final long NEVER = Long.MAX_VALUE;

    /** When there is no account. */
    static final Quote UNKNOWN = new Quote(NEVER, null, 0, 0, new Load(0, 0), null);

    /**
     * How busy an account is.
     *
     * @param inFlight    calls that are under way
     * @param answerNanos how long its answers take, on average; 0 if that is not known
     */
    public record Load(int inFlight, double answerNanos) {}

    /**
     * An account, or a part of it, that is sent no calls.
     *
     * @param nanos   until one call tries
     * @param refuses whether calls are not to wait for that
     */
    public record Pause(long nanos, boolean refuses) {}

    /** What stands against a need. */
    public enum Scope {
        /** The account takes no call at all now, whatever it needs. */
        ACCOUNT,
        /** Only calls that need the same limit are kept back. */
        LIMIT,
        /** Tokens are too few for this call; a smaller one may fit. */
        TOKENS
    }

    /**
     * A limit, or a state of the account, that keeps calls back.
     *
     * @param scope which calls
     * @param what  the limit or state, by a name that is unique within the account
     */
    public record Lacking(Scope scope, String what) {}

    /** Whether calls are not to wait for the account. */
    public boolean refuses() {
        return pause != null && pause.refuses();
    }

    /** What stands against the need, by its name; empty if nothing does. */
    String reason() {
        return lacking == null ? "" : lacking.what();
    }

    /** Whether the need can be met now. */
    public boolean now() {
        return waitNanos == 0;
    }
}
