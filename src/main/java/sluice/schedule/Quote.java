package sluice.schedule;

import org.jspecify.annotations.Nullable;

/**
 * What an account says to a need, without taking anything.
 *
 * @param waitNanos until it could be met if nobody else took anything: 0 now, {@link #NEVER} not in sight
 * @param lacking   what stands against it, null if nothing does
 * @param cost      the largest share of any of the account's limits that the need takes
 * @param headroom  the smallest share of any of its limits that would be left, 0 to 1
 * @param inFlight  calls that are under way on the account
 */
public record Quote(long waitNanos, @Nullable Lacking lacking, double cost, double headroom, int inFlight) {
    /** A wait whose end nobody knows. */
    public static final long NEVER = Long.MAX_VALUE;

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

    /** Whether the need can be met now. */
    public boolean now() {
        return waitNanos == 0;
    }
}
