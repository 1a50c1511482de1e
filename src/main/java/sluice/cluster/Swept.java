package sluice.cluster;

import io.vertx.core.Future;

/** Something that must report to the store what it no longer needs. */
interface Swept {

    /** Reports what is due; returns whether it must be swept again. */
    boolean sweep(long now);

    /** Returns all it holds and reports what is due; nobody takes from it any more. */
    Future<?> leave();

    /** The fraction of its limit held ahead of calls, 0 to 1. */
    double held();
}
