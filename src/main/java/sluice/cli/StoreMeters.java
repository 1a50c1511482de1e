package sluice.cli;

import java.util.Locale;
import sluice.admin.Troubles;
import sluice.cluster.Script;
import sluice.cluster.StoreObserver;
import sluice.metrics.GatewayMeters;

/**
 * Counts the messages to a store, and those that fail, and shows when it is away.
 *
 * @param store its name in the metrics
 */
record StoreMeters(GatewayMeters meters, String store, Troubles.Sign sign) implements StoreObserver {

    @Override
    public void asked(Script script) {
        meters.storeMessage(store, script.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void failed() {
        meters.storeError(store);
    }

    @Override
    public void away(String told) {
        sign.began(told);
    }

    @Override
    public void back() {
        sign.over();
    }
}
