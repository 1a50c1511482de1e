package sluice.quota;

import io.vertx.core.Future;

/** The places for calls in flight that several processes share. */
public interface Slots {

    /** Whether there was a place for one more call; it is then taken. */
    Future<Boolean> take();

    /** A call is over, or its place was not needed. */
    void giveBack();
}
