package sluice.schedule;

import org.jspecify.annotations.Nullable;

/**
 * An account's answer to a need; nothing is taken.
 *
 * @param waitNanos until it could be met if nobody else took anything: 0 for now, {@link #NEVER} if not in sight
 * @param lacking   what keeps it from being met, null if nothing does
 * @param cost      the largest share of any of the account's limits that the need takes
 * @param headroom  the smallest share of any of its limits that would be left, 0 to 1
 * @param load      of the account
 * @param pause     the part of the wait that only time can shorten; null if the account serves such calls
 */
public record Quote(long waitNanos, @Nullable Lacking lacking, double cost, double headroom, Load load,
        @Nullable Pause pause) {
    /** A wait with no known end. */
    public static final long NEVER = Long.MAX_VALUE;

    /** When there is no account. */
    static final Quote UNKNOWN = new Quote(NEVER, null, 0, 0, new Load(0, 0), null);

    /** When the account does not serve the model. */
    static final Quote UNSERVED = new Quote(NEVER, new Lacking(Scope.LIMIT, "model"), 0, 0, new Load(0, 0), null);

    /**
     * How busy an account is.
     *
     * @param inFlight    calls in flight
     * @param answerNanos how long its answers take on average; 0 if unknown
     */
    public record Load(int inFlight, double answerNanos) {}

    /**
     * An account, or a part of it, that gets no calls.
     *
     * @param nanos   until a trial call
     * @param refuses whether calls should not wait for that
     */
    public record Pause(long nanos, boolean refuses) {}

    /** What keeps a need from being met. */
    public enum Scope {
        /** The account takes no calls at all now, whatever they need. */
        ACCOUNT,
        /** Only calls that need the same limit are held back. */
        LIMIT,
        /** There are too few tokens for this call; a smaller one may fit. */
        TOKENS
    }

    /**
     * A limit, or a state of the account, that holds calls back.
     *
     * @param scope which calls
     * @param what  the limit or state, by a name that is unique within the account
     */
    public record Lacking(Scope scope, String what) {}

    /** Whether calls should not wait for the account. */
    public boolean refuses() {
        return pause != null && pause.refuses();
    }

    /** The name of what keeps it from being met; empty if nothing does. */
    String reason() {
        return lacking == null ? "" : lacking.what();
    }

    /** Whether the need can be met now. */
    public boolean now() {
        return waitNanos == 0;
    }
}
