package sluice.account;

import sluice.quota.Ending;
import sluice.schedule.Permit;

/** What one attempt holds of an account: the right to be sent, and a connection kept free for it. */
public final class Grant {
    private final Lease line;
    private Permit permit;

    public Grant(Permit permit, Lease line) {
        this.permit = permit;
        this.line = line;
    }

    public Lease line() {
        return line;
    }

    public LiveAccount account() {
        return line.account();
    }

    public Permit permit() {
        return permit;
    }

    /** Replaces a permit that was not used in time and has been given back. */
    public void renew(Permit fresh) {
        permit = fresh;
    }

    /** The attempt has been sent. */
    public void send() {
        permit.sent();
    }

    /**
     * Gives both back.
     *
     * @param ending      of the attempt
     * @param inputTokens that the upstream is assumed to have counted even if no model ran
     * @param refused     whether the upstream had no quota for it, which is not charged to its tenant
     */
    public void close(Ending ending, long inputTokens, boolean refused) {
        if (refused) {
            permit.forgive(inputTokens);
        }
        switch (ending) {
            case Ending.NotSent() -> permit.settle(0);
            case Ending.NotRun() -> permit.settle(inputTokens);
            case Ending.Used(long tokens) -> permit.settle(tokens);
            case Ending.AsReserved() -> {
                // It stays charged as it was granted.
            }
        }
        permit.giveBack();
        line.close();
    }
}
