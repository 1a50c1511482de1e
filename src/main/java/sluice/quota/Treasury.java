package sluice.quota;

import io.vertx.core.Future;
import java.time.Duration;
import java.time.LocalDate;
import java.util.OptionalLong;

/** What one tenant spends in all processes together, in picodollars. Callable from any thread. */
public interface Treasury {

    /**
     * This process's part of what is spent in a period.
     *
     * @param since  the first day of the current period
     * @param limit  of the budget; empty if there is none
     * @param spent  by this process, in the current period
     * @param before what an earlier process knew to be spent by all, in the current period
     * @param left   until the next period
     */
    record Part(Budget.Period period, LocalDate since, OptionalLong limit, long spent, long before, Duration left) {}

    /** Reserves an amount if every budget has room for it; returns whether it did. */
    Future<Boolean> take(long picodollars);

    /** Reserves an amount whether or not there is room. */
    void insist(long picodollars);

    /** A call is over: what it had reserved is free, and what it cost is in this process's part. */
    void over(long reserved);

    /** What the other processes have spent in the period of this process's part, as far as known. */
    long spentElsewhere(Part part);

    /** What the other processes have reserved for calls in flight, as far as known. */
    long reservedElsewhere();
}
