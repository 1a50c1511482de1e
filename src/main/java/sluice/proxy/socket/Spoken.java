package sluice.proxy.socket;

import sluice.metrics.Facts;
import sluice.proxy.Exchange.Admitted;

/**
 * What is known of a call that is a WebSocket.
 *
 * @param before  what was known when it was admitted
 * @param model   the model last asked for
 * @param account the account that it leads to
 */
record Spoken(Admitted before, String model, String account) implements Facts.Further {

    @Override
    public int attempts() {
        return 1;
    }

    /** Each of its answers is counted when it ends. */
    @Override
    public boolean usageCounted() {
        return true;
    }
}
