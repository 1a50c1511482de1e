package sluice.schedule;

import java.util.Optional;
import java.util.concurrent.Executor;

/**
 * A call that asks for a permit.
 *
 * @param share         whose it is
 * @param need          what it needs from an account
 * @param lane          its place among the tenant's own calls
 * @param routes        the accounts it may be sent to, and whether it can be sent now
 * @param deadlineNanos when it stops waiting, by the scheduler's clock
 * @param returning     whether it already had a permit and is back for another one: it then goes to the front of its
 *                      line
 * @param home          its own event loop, where the outcome is delivered
 */
public record Call(Share share, Need need, Lane lane, Routes routes, long deadlineNanos, boolean returning,
        Executor home) {

    /** The accounts a call may be sent to. */
    public interface Routes {

        /** Whether the call may be sent to the account at all. */
        boolean allows(Capacity account);

        /** Takes a connection to the account; false if none is free now. Called from any thread. */
        boolean connect(Capacity account);

        /** What draws it to one of several accounts that can take it now; empty if nothing does. */
        default Optional<Affinity> affinity() {
            return Optional.empty();
        }
    }
}
