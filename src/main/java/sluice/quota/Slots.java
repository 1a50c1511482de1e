package sluice.quota;

import io.vertx.core.Future;

/** Slots for calls in flight that several processes share. */
public interface Slots {

    /** Takes a slot for one more call; returns whether there was one. */
    Future<Boolean> take();

    /** Changes the number of slots; calls that have one keep it. */
    void change(int limit);

    /** A call is over, or its slot was not needed. */
    void giveBack();
}
