package sluice.schedule;

import io.vertx.core.Future;

/** A call's place in the queue, which it can leave. */
public interface Place {

    /** The decision on the call; complete at once if it need not wait. */
    Future<Decision> outcome();

    /** The caller is gone: the call leaves the queue and costs nothing. */
    void leave();
}
