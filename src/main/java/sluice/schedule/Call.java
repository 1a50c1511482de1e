package sluice.schedule;

import java.util.concurrent.Executor;

/**
 * A call that asks for a permit.
 *
 * @param share         whose it is
 * @param need          what it needs of an account
 * @param lane          its place among the tenant's own calls
 * @param routes        the accounts that it may be sent to, and whether it can be sent now
 * @param deadlineNanos the moment, by the scheduler's clock, at which it stops waiting
 * @param returning     whether it had a permit already and comes back for another one: it then goes first among its own
 * @param home          where it is told of its grant; its own event loop
 */
public record Call(Share share, Need need, Lane lane, Routes routes, long deadlineNanos, boolean returning,
        Executor home) {

    /** The accounts that a call may be sent to. */
    public interface Routes {

        /** Whether the call may be sent to the account at all. */
        boolean allows(Capacity account);

        /** Takes a connection to the account, if one is free now; false if none is. Called from any thread. */
        boolean connect(Capacity account);
    }
}
