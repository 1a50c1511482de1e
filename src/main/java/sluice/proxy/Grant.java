package sluice.proxy;

import sluice.account.AccountCapacity;
import sluice.account.Line;
import sluice.quota.Ending;
import sluice.schedule.Permit;

/** What one attempt holds of an account: the right to be sent, and a connection kept free for it. */
final class Grant {
    private final Line line;
    private Permit permit;
    private boolean sent;

    Grant(Permit permit, Line line) {
        this.permit = permit;
        this.line = line;
    }

    Line line() {
        return line;
    }

    AccountCapacity account() {
        return line.account();
    }

    Permit permit() {
        return permit;
    }

    /** Another permit takes the place of one that was not used in time and has been given back. */
    void renew(Permit fresh) {
        permit = fresh;
    }

    /** The attempt is on its way. */
    void send() {
        sent = true;
        permit.sent();
    }

    /** Whether the attempt is, or was, on its way. */
    boolean sent() {
        return sent;
    }

    /**
     * Gives both back.
     *
     * @param ending      of the attempt
     * @param inputTokens that the upstream is taken to have counted where no model ran
     * @param refused     whether the upstream had no quota for it, which is not its tenant's loss
     */
    void close(Ending ending, long inputTokens, boolean refused) {
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
