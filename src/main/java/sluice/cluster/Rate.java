package sluice.cluster;

import sluice.quota.Limit;

/**
 * A bucket as scripts know it. Levels are counted in units, of which a token has a million for each second of the
 * period, so that one microsecond brings exactly {@code refill} of them.
 *
 * @param capacity tokens when full
 * @param refill   tokens that come back in a period
 * @param seconds  of the period
 */
record Rate(long capacity, long refill, long seconds) {

    static Rate of(Limit limit) {
        return new Rate(limit.amount(), limit.amount(), limit.kind().window().toSeconds());
    }

    double unit() {
        return seconds * 1e6;
    }

    /** Whole tokens of a level. */
    long tokens(double units) {
        return (long) Math.floor(units / unit());
    }

    /** What a level holds beyond whole tokens, from 0 to less than 1. */
    double fraction(double units) {
        return Math.max(0, units) % unit() / unit();
    }

    /** What a level has become after so many nanoseconds without anybody taking. */
    double after(double units, long nanos) {
        return Math.min(capacity * unit(), units + nanos / 1e3 * refill);
    }

    /** Until a level holds an amount, in nanoseconds, rounded up; 0 if it does. */
    long waitNanos(double units, long amount) {
        double missing = amount * unit() - units;
        return missing <= 0 ? 0 : (long) Math.ceil(missing / refill * 1e3);
    }

    /** The time in which so many tokens come back, in nanoseconds. */
    long nanosOf(double tokens) {
        return (long) Math.ceil(tokens * unit() / refill * 1e3);
    }
}
