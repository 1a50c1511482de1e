package sluice.schedule;

import java.util.Set;

/**
 * An upstream account as the scheduler sees it: something that grants permits at some rate. Mostly called under the
 * scheduler's lock, so nothing here may block.
 */
public interface Capacity {

    /** The account's name. */
    String name();

    /** Whether calls for this model may be sent to it; true for a call that names none. */
    boolean serves(String model);

    /**
     * A quote for a need.
     *
     * @param withheld names of token limits reserved for a call that is ahead in turn
     */
    Quote quote(Need need, Set<String> withheld);

    /** Takes what a quote without a wait promised; it is then sent, given back or forfeited. */
    void take(Need need);

    /** Takes what is used already, whether it is there or not; later calls then wait for it. */
    void charge(Need need);

    /** A sent call turns out to be for this model, whose own limits are charged too. */
    void named(Need need, String model);

    /** The call has been sent. */
    void sent(Need need);

    /** Gives back what was taken for a call that was not sent. Called under the scheduler's lock. */
    void giveBack(Need need);

    /** A call was not sent, but its permit was returned too late: the request is lost, its tokens are returned. */
    void forfeit(Need need);

    /** Settles the tokens reserved for an answered call against those it used. */
    void settle(Need need, long usedTokens);

    /** The largest share of any limit that a need takes: {@link Quote#cost}, for tokens known only later. */
    double cost(Need need);

    /** The share of its limits that refills per nanosecond while calls with this need wait. */
    double refill(Need need);

    /** Whether the need is larger than the account can ever hold. */
    boolean exceeds(Need need);
}
