package sluice.upstream;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;

/** Counts who needs a resource, and closes it when nobody does. Its creator is the first holder. */
final class Held {
    /** How long a client may take to close its connections once nobody holds it; all calls have ended by then. */
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
