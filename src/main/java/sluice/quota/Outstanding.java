package sluice.quota;

import java.util.concurrent.atomic.LongAdder;

/** Counts what was taken and is not yet closed: reservations and calls in flight. 0 at rest. */
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
