package sluice.cli;

import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.calls.BacklogObserver;
import sluice.ledger.LedgerObserver;
import sluice.metrics.GatewayMeters;

/** Counts what fails at the ledger and its spool, and shows what is wrong with them. */
final class LedgerSigns implements LedgerObserver, BacklogObserver {
    private final GatewayMeters meters;
    private final Troubles.Sign fails;
    private final Troubles.Sign behind;
    private final Troubles.Sign losing;

    LedgerSigns(GatewayMeters meters, Troubles troubles) {
        this.meters = meters;
        this.fails = troubles.sign(What.LEDGER_FAILS);
        this.behind = troubles.sign(What.LEDGER_BEHIND);
        this.losing = troubles.sign(What.LEDGER_RECORDS_LOST);
    }

    @Override
    public void failed() {
        meters.storeError("ledger");
    }

    @Override
    public void away(String why) {
        fails.began(why);
    }

    @Override
    public void back() {
        fails.over();
    }

    @Override
    public void spoolFailed() {
        meters.storeError("spool");
    }

    @Override
    public void behind(boolean lost, String told) {
        (lost ? losing : behind).began(told);
        (lost ? behind : losing).over();
    }

    @Override
    public void caughtUp() {
        behind.over();
        losing.over();
    }
}
