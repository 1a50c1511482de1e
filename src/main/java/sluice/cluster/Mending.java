package sluice.cluster;

import io.vertx.core.Future;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes keys that a script cannot read, and runs it again. Regardless of who wrote them, the store is healthy: this
 * never counts as an outage. Logged once per kind of message, however often it happens.
 */
final class Mending {
    private static final Logger LOG = LoggerFactory.getLogger(Mending.class);
    /** Script errors of a read-only server, whatever its keys hold. */
    private static final List<String> OF_THE_SERVER = List.of("OOM ", "READONLY ", "MISCONF ", "NOREPLICAS ",
            "NOPERM ");

    private final Set<Script> told = EnumSet.noneOf(Script.class);

    /** Runs a script, and mends its keys if that is why it failed. */
    Future<Reply> ask(Replica.Asking store, Script script, List<String> keys, List<String> arguments) {
        return store.run(script, keys, arguments).recover(failure -> {
            if (!unreadable(failure)) {
                return Future.failedFuture(failure);
            }
            tell(script, keys, failure);
            return store.run(Script.MEND, keys, script.types()).compose(mended -> store.run(script, keys, arguments));
        });
    }

    /** Whether a script failed because its keys hold something it did not write. */
    static boolean unreadable(Throwable failure) {
        String words = String.valueOf(failure.getMessage());
        return words.startsWith("WRONGTYPE ") || (words.startsWith("ERR ") && words.contains("user_script")
                && OF_THE_SERVER.stream().noneMatch(words::contains));
    }

    private synchronized void tell(Script script, List<String> keys, Throwable failure) {
        if (told.add(script)) {
            LOG.warn("redis holds something else under {}, which is replaced; is another program using these keys? {}",
                    String.join(", ", keys), failure.getMessage());
        }
    }
}
