package sluice.schedule;

import io.vertx.core.Future;

/** A call's place in the queue, by which it can leave. */
public interface Place {

    /** What becomes of the call; complete at once if it need not wait. */
    Future<Decision> outcome();

    /** The caller has gone: the call leaves the queue and costs nothing. */
    void leave();
}
