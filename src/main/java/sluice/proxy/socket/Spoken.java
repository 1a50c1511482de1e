package sluice.proxy.socket;

import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Exchange.OfCaller;
import sluice.schedule.Need;

/**
 * What is known of a WebSocket.
 *
 * @param model   the model last asked for
 * @param account the account it uses
 */
record Spoken(Admitted admitted, String model, String account) implements OfCaller {

    @Override
    public Caller caller() {
        return admitted.caller();
    }

    @Override
    public int attempts() {
        return 1;
    }

    /** Each of its answers is counted when it ends. */
    @Override
    public boolean usageCounted() {
        return true;
    }

    /** What is known of one of its answers, given what was asked for. */
    record OneAnswer(Spoken spoken, Need need) implements OfCaller {

        @Override
        public Caller caller() {
            return spoken.caller();
        }

        @Override
        public String model() {
            return need.model();
        }

        @Override
        public String serviceTier() {
            return need.tier();
        }

        @Override
        public String account() {
            return spoken.account();
        }

        @Override
        public int attempts() {
            return 1;
        }
    }
}
