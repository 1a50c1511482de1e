package sluice.upstream;

import sluice.upstream.AccountHealth.BreakerSettings;

/**
 * How calls have fared of late. Immutable.
 *
 * @param since    when the counting began
 * @param calls    that have ended
 * @param failures among them
 * @param inARow   failures since the last call that did not fail
 */
record Tally(long since, int calls, int failures, int inARow) {

    /** Nothing has been counted yet. */
    static Tally none(long now) {
        return new Tally(now, 0, 0, 0);
    }

    /** A call has ended; what was counted longer ago than the settings say is forgotten. */
    Tally count(boolean failed, BreakerSettings settings, long now) {
        int one = failed ? 1 : 0;
        return stale(settings, now)
                ? new Tally(now, 1, one, one)
                : new Tally(since, calls + 1, failures + one, failed ? inARow + 1 : 0);
    }

    boolean stale(BreakerSettings settings, long now) {
        return now - since > settings.within().toNanos();
    }

    /** Whether the last call failed, and not long ago. */
    boolean failing(BreakerSettings settings, long now) {
        return inARow > 0 && !stale(settings, now);
    }

    /** The share of calls that fail; enough failures in a row count as all, however well the calls before them went. */
    double share(BreakerSettings settings) {
        return inARow >= settings.ofAtLeast() ? 1 : calls == 0 ? 0 : (double) failures / calls;
    }

    /** Whether too many fail. */
    boolean fails(BreakerSettings settings) {
        return share(settings) >= settings.failures();
    }

    /** Whether too many fail, of enough to conclude from. */
    boolean trips(BreakerSettings settings) {
        return calls >= settings.ofAtLeast() && fails(settings);
    }
}
