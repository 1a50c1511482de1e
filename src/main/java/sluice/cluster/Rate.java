package sluice.cluster;

import sluice.quota.Limit;

/**
 * A bucket as scripts see it. Levels are counted in units: a token is a million of them for each second of the period,
 * so that one microsecond refills exactly {@code refill} units.
 *
 * @param capacity tokens when full
 * @param refill   tokens refilled per period
 * @param seconds  of the period
 */
record Rate(long capacity, long refill, long seconds) {

    static Rate of(Limit limit) {
        return new Rate(limit.amount(), limit.amount(), limit.kind().window().toSeconds());
    }

    double unit() {
        return seconds * 1e6;
    }

    /** The whole tokens in a level. */
    long tokens(double units) {
        return (long) Math.floor(units / unit());
    }

    /** What a level holds beyond whole tokens, from 0 to below 1. */
    double fraction(double units) {
        return Math.max(0, units) % unit() / unit();
    }

    /** The level after this many nanoseconds if nobody takes from it. */
    double after(double units, long nanos) {
        return Math.min(capacity * unit(), units + nanos / 1e3 * refill);
    }

    /** Nanoseconds until a level holds an amount, rounded up; 0 if it does. */
    long waitNanos(double units, long amount) {
        double missing = amount * unit() - units;
        return missing <= 0 ? 0 : (long) Math.ceil(missing / refill * 1e3);
    }

    /** Nanoseconds in which this many tokens refill. */
    long nanosOf(double tokens) {
        return (long) Math.ceil(tokens * unit() / refill * 1e3);
    }
}
