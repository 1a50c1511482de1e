package sluice.upstream;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts who needs a thing, and ends it when nobody does any more. Whoever makes it holds it. */
final class Held {
    /** What a client may still finish when nobody holds it: nothing of a call, but the farewell of its connections. */
    static final Duration GRACE = Duration.ofSeconds(10);

    private final Runnable end;
    private final AtomicInteger holders = new AtomicInteger(1);

    Held(Runnable end) {
        this.end = end;
    }

    void hold() {
        holders.incrementAndGet();
    }

    void release() {
        if (holders.decrementAndGet() == 0) {
            end.run();
        }
    }
}
