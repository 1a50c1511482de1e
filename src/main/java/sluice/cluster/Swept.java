package sluice.cluster;

import io.vertx.core.Future;

/** Something that has to tell the store what it no longer needs. */
interface Swept {

    /** Tells what is to be told; whether it must be asked again. */
    boolean sweep(long now);

    /** Hands back all that it holds, and tells what is to be told; nobody takes from it any more. */
    Future<?> leave();

    /** The part of its limit that it holds ahead of calls, 0 to 1. */
    double held();
}
