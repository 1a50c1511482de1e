package sluice.quota;

import java.util.concurrent.atomic.LongAdder;

/** Counts what has been taken and not yet been closed: reservations and permits. At rest it is 0. */
public final class Outstanding {
    private final LongAdder count = new LongAdder();

    void opened() {
        count.increment();
    }

    void closed() {
        count.decrement();
    }

    /** How many are open now. */
    public long count() {
        return count.sum();
    }
}
