package sluice.quota;

import io.vertx.core.Future;

/** The places for calls in flight that several processes share. */
public interface Slots {

    /** Whether there was a place for one more call; it is then taken. */
    Future<Boolean> take();

    /** From now on there are so many; calls that have one keep it. */
    void change(int limit);

    /** A call is over, or its place was not needed. */
    void giveBack();
}
