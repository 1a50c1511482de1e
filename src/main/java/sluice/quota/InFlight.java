package sluice.quota;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** One tenant's calls in flight. */
public final class InFlight {
    private final AtomicInteger count = new AtomicInteger();
    private final Outstanding outstanding;
    private volatile Bound bound;

    /** The limit, and where calls are counted. */
    private record Bound(OptionalInt limit, boolean shadow, LimitObserver observer, Optional<Slots> slots) {}

    /**
     * Starts with none in flight.
     *
     * @param limit  the most at once, unbounded if empty
     * @param shadow whether a call beyond the limit is only counted
     */
    public InFlight(OptionalInt limit, boolean shadow, LimitObserver observer, Outstanding outstanding) {
        this(limit, shadow, observer, outstanding, Optional.empty());
    }

    /** As above, with slots shared by several processes if the limit holds across them. */
    public InFlight(OptionalInt limit, boolean shadow, LimitObserver observer, Outstanding outstanding,
            Optional<Slots> slots) {
        this.bound = new Bound(limit, shadow, observer, slots);
        this.outstanding = outstanding;
    }

    /** Changes the limit; calls in flight stay counted. */
    public void change(OptionalInt limit, boolean shadow, LimitObserver observer, Optional<Slots> slots) {
        bound = new Bound(limit, shadow, observer, slots);
    }

    /** A slot for one more call, unless the limit is reached; known at once if the limit is this process's own. */
    public Future<Optional<Slot>> acquire() {
        Bound now = bound;
        return now.slots()
                .<Future<Optional<Slot>>>map(shared -> shared.take().map(taken -> decided(now, shared, taken)))
                .orElseGet(() -> Future.succeededFuture(tryAcquire()));
    }

    private Optional<Slot> decided(Bound by, Slots shared, boolean granted) {
        by.observer().decided("concurrent", granted);
        if (!granted && !by.shadow()) {
            return Optional.empty();
        }
        count.incrementAndGet();
        outstanding.opened();
        return Optional.of(new Slot(granted ? Optional.of(shared) : Optional.empty()));
    }

    /** {@link #acquire} for a limit of this process alone. */
    public Optional<Slot> tryAcquire() {
        Bound by = bound;
        int now = count.incrementAndGet();
        if (by.limit().isPresent()) {
            boolean granted = now <= by.limit().getAsInt();
            by.observer().decided("concurrent", granted);
            if (!granted && !by.shadow()) {
                count.decrementAndGet();
                return Optional.empty();
            }
        }
        outstanding.opened();
        return Optional.of(new Slot(Optional.empty()));
    }

    /** How many are in flight now. */
    public int count() {
        return count.get();
    }

    /** One call in flight; closed when it ends. Only the first close counts. */
    public final class Slot implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();

        private final Optional<Slots> slot;

        private Slot(Optional<Slots> slot) {
            this.slot = slot;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                count.decrementAndGet();
                outstanding.closed();
                slot.ifPresent(Slots::giveBack);
            }
        }
    }
}
