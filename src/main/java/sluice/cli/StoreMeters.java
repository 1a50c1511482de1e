package sluice.cli;

import java.util.Locale;
import sluice.cluster.Script;
import sluice.cluster.StoreObserver;
import sluice.metrics.GatewayMeters;

/**
 * Counts the messages to a store, and those that fail.
 *
 * @param store its name in the metrics
 */
record StoreMeters(GatewayMeters meters, String store) implements StoreObserver {

    @Override
    public void asked(Script script) {
        meters.storeMessage(store, script.name().toLowerCase(Locale.ROOT));
    }

    @Override
    public void failed() {
        meters.storeError(store);
    }
}
