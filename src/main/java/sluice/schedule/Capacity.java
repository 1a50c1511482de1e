package sluice.schedule;

import java.util.Set;

/**
 * An upstream account as the scheduler sees it: something that has permits to give, at some rate. Most of it is called
 * under the scheduler's lock, so nothing here may block.
 */
public interface Capacity {

    /** The account's name. */
    String name();

    /**
     * What it says to a need now.
     *
     * @param withheld names of token limits that are kept for a call that came first in turn
     */
    Quote quote(Need need, Set<String> withheld);

    /** Takes what a quote without a wait has promised; it is then sent, given back, or forfeited. */
    void take(Need need);

    /** Takes what is used already, whether it is there or not: what comes next then waits for it. */
    void charge(Need need);

    /** What was taken turns out to be for this model: its own limits are charged too. */
    void named(Need need, String model);

    /** What was taken is on its way. */
    void sent(Need need);

    /** Gives back what was taken for a call that was not sent. Under the scheduler's lock. */
    void giveBack(Need need);

    /** It was not sent, and comes back too late: the request is lost, its tokens go back. */
    void forfeit(Need need);

    /** Settles the tokens of a call that has been answered: it used so many of those reserved. */
    void settle(Need need, long usedTokens);

    /** The largest share of any limit that a need takes; what {@link Quote#cost} says, for tokens known later. */
    double cost(Need need);

    /** The share of its limits that comes back in a nanosecond while calls of this need wait. */
    double refill(Need need);

    /** Whether the need is larger than the account can ever hold. */
    boolean exceeds(Need need);
}
