package sluice.upstream;

import sluice.upstream.AccountHealth.BreakerSettings;

/**
 * How recent calls have gone. Immutable.
 *
 * @param since    when counting began
 * @param calls    that have ended
 * @param failures among them
 * @param inARow   failures since the last call that did not fail
 */
record Tally(long since, int calls, int failures, int inARow) {

    /** Nothing has been counted yet. */
    static Tally none(long now) {
        return new Tally(now, 0, 0, 0);
    }

    /** A call ended; what is older than the settings allow is forgotten. */
    Tally count(boolean failed, BreakerSettings settings, long now) {
        int one = failed ? 1 : 0;
        return stale(settings, now)
                ? new Tally(now, 1, one, one)
                : new Tally(since, calls + 1, failures + one, failed ? inARow + 1 : 0);
    }

    boolean stale(BreakerSettings settings, long now) {
        return now - since > settings.within().toNanos();
    }

    /** Whether the last call failed, and recently. */
    boolean failing(BreakerSettings settings, long now) {
        return inARow > 0 && !stale(settings, now);
    }

    /** The share of calls that fail; enough failures in a row count as all, however well earlier calls went. */
    double share(BreakerSettings settings) {
        return inARow >= settings.ofAtLeast() ? 1 : calls == 0 ? 0 : (double) failures / calls;
    }

    /** Whether too many fail. */
    boolean fails(BreakerSettings settings) {
        return share(settings) >= settings.failures();
    }

    /** Whether too many fail, out of enough to conclude from. */
    boolean trips(BreakerSettings settings) {
        return calls >= settings.ofAtLeast() && fails(settings);
    }
}
