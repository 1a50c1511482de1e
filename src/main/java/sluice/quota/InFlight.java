package sluice.quota;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The calls of one tenant that are under way at once. */
public final class InFlight {
    private final AtomicInteger count = new AtomicInteger();
    private final OptionalInt limit;
    private final boolean shadow;
    private final LimitObserver observer;
    private final Outstanding outstanding;

    /**
     * Starts with none under way.
     *
     * @param limit  the most at once, unbounded where empty
     * @param shadow whether a call beyond the limit is only counted
     */
    public InFlight(OptionalInt limit, boolean shadow, LimitObserver observer, Outstanding outstanding) {
        this.limit = limit;
        this.shadow = shadow;
        this.observer = observer;
        this.outstanding = outstanding;
    }

    /** A permit for one more call, unless the limit is reached. */
    public Optional<Permit> tryAcquire() {
        int now = count.incrementAndGet();
        if (limit.isPresent()) {
            boolean granted = now <= limit.getAsInt();
            observer.decided("concurrent", granted);
            if (!granted && !shadow) {
                count.decrementAndGet();
                return Optional.empty();
            }
        }
        outstanding.opened();
        return Optional.of(new Permit());
    }

    /** How many are under way now. */
    public int count() {
        return count.get();
    }

    /** One call under way; closed when it ends, and only the first close counts. */
    public final class Permit implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();

        private Permit() {}

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                count.decrementAndGet();
                outstanding.closed();
            }
        }
    }
}
