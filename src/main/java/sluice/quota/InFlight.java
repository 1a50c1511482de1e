package sluice.quota;

import io.vertx.core.Future;
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
    private final Optional<Slots> slots;

    /**
     * Starts with none under way.
     *
     * @param limit  the most at once, unbounded where empty
     * @param shadow whether a call beyond the limit is only counted
     */
    public InFlight(OptionalInt limit, boolean shadow, LimitObserver observer, Outstanding outstanding) {
        this(limit, shadow, observer, outstanding, Optional.empty());
    }

    /** Likewise, where the limit holds over several processes, which then know their common places. */
    public InFlight(OptionalInt limit, boolean shadow, LimitObserver observer, Outstanding outstanding,
            Optional<Slots> slots) {
        this.slots = slots;
        this.limit = limit;
        this.shadow = shadow;
        this.observer = observer;
        this.outstanding = outstanding;
    }

    /** A permit for one more call, unless the limit is reached; known at once where the limit is this process' own. */
    public Future<Optional<Permit>> acquire() {
        return slots.<Future<Optional<Permit>>>map(shared -> shared.take().map(this::decided))
                .orElseGet(() -> Future.succeededFuture(tryAcquire()));
    }

    private Optional<Permit> decided(boolean granted) {
        observer.decided("concurrent", granted);
        if (!granted && !shadow) {
            return Optional.empty();
        }
        count.incrementAndGet();
        outstanding.opened();
        return Optional.of(new Permit(granted));
    }

    /** {@link #acquire} of this process' own limit. */
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
        return Optional.of(new Permit(false));
    }

    /** How many are under way now. */
    public int count() {
        return count.get();
    }

    /** One call under way; closed when it ends, and only the first close counts. */
    public final class Permit implements AutoCloseable {
        private final AtomicBoolean closed = new AtomicBoolean();

        private final boolean inSlot;

        private Permit(boolean inSlot) {
            this.inSlot = inSlot;
        }

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                count.decrementAndGet();
                outstanding.closed();
                if (inSlot) {
                    slots.ifPresent(Slots::giveBack);
                }
            }
        }
    }
}
