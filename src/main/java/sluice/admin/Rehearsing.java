package sluice.admin;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;

/** Replays recent calls against the limits of another configuration. */
@FunctionalInterface
public interface Rehearsing {

    /** The configuration cannot be used, or there is nothing to replay. */
    final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        public Unusable(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * What would have become of them. Blocks.
     *
     * @param yaml a configuration; its variables are taken to be set, and its files to be there
     * @param back how far to look back
     * @throws IOException if the ledger does not answer
     */
    JsonObject replay(String yaml, Duration back) throws IOException, Unusable;
}
