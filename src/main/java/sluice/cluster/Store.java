package sluice.cluster;

import io.vertx.core.Future;
import java.util.List;

/** The store that all replicas share. Callable from any thread; answers arrive on a thread of its own. */
public interface Store {

    /** Whether it answers, as far as known. */
    boolean reachable();

    /** When it last answered, by this process's clock. */
    long answeredAt();

    /** When it last answered before the current trouble, which lasts until it has served for ten seconds. */
    long troubledAt();

    /** Runs a script; fails within the timeout, and at once while the store is unreachable. */
    Future<Reply> run(Script script, List<String> keys, List<String> arguments);
}
