package sluice.schedule;

/**
 * The right to send one attempt to one account. It is either sent or given back, and once sent it is either settled or,
 * if the upstream had no quota for it, forgiven; only the first of the two has an effect.
 */
public interface Permit {

    /** The account to send the attempt to. */
    Capacity account();

    /** What was taken for the attempt. */
    Need need();

    /** Whether the attempt may still be sent: a permit is valid for half a second. */
    boolean fresh();

    /** The attempt has been sent. */
    void sent();

    /**
     * The attempt was not sent and will not be. The tenant is not charged, and the account only if this comes too late.
     */
    void giveBack();

    /**
     * The upstream had no quota for the attempt: that is at the account's expense, not the tenant's.
     *
     * @param usedTokens that the upstream is assumed to have counted anyway
     */
    void forgive(long usedTokens);

    /** The attempt, already sent, turns out to be for this model, whose own limits are charged too. */
    void named(String model);

    /** The attempt was answered and used this many tokens. */
    void settle(long usedTokens);

    /** A permit for an attempt that takes none of the account's quota and so need not wait. */
    static Permit free(Capacity account) {
        return new FreePermit(account);
    }
}
