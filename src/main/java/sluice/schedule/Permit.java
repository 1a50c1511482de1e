package sluice.schedule;

/**
 * The right to send one attempt to one account. It is sent or given back, and once sent it is settled or, if the upstream
 * had no quota for it, forgiven; whatever comes second does nothing.
 */
public interface Permit {

    /** The account that the attempt is to be sent to. */
    Capacity account();

    /** What was taken for the attempt. */
    Need need();

    /** Whether the attempt may still be sent: a permit is good for half a second. */
    boolean fresh();

    /** The attempt is on its way. */
    void sent();

    /** The attempt was not sent and will not be: its tenant is not charged, its account only if it comes back too late. */
    void giveBack();

    /**
     * The upstream had no quota for the attempt: that is the account's loss and not the tenant's.
     *
     * @param usedTokens that the upstream is taken to have counted all the same
     */
    void forgive(long usedTokens);

    /** The attempt, already on its way, turns out to be for this model, whose own limits are charged too. */
    void named(String model);

    /** The attempt is answered, and used so many tokens. */
    void settle(long usedTokens);

    /** For an attempt that takes none of the account's quota and so need not wait. */
    static Permit free(Capacity account) {
        return new FreePermit(account);
    }
}
