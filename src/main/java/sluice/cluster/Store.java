package sluice.cluster;

import io.vertx.core.Future;
import java.util.List;

/** What all replicas share. Asked from any thread; answers on a thread of its own. */
public interface Store {

    /** Whether it answers, as far as is known. */
    boolean reachable();

    /** When it answered last, by this process' clock. */
    long answeredAt();

    /** When it had answered last before the present trouble, which goes on until it has served for ten seconds. */
    long troubledAt();

    /** Runs a script; fails within the time-out, and at once while the store is not reachable. */
    Future<Reply> run(Script script, List<String> keys, List<String> arguments);
}
