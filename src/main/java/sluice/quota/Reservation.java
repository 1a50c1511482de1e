package sluice.quota;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a call has taken from limits. Closed when the call ends; only the first close counts. */
public final class Reservation {

    private record Part(QuotaBucket bucket, Limit.Unit unit, long amount) {

        void close(Ending ending) {
            boolean tokens = unit == Limit.Unit.TOKENS;
            switch (ending) {
                case Ending.NotSent() -> bucket.giveBack(amount);
                case Ending.NotRun() when tokens -> bucket.giveBack(amount);
                case Ending.Used(long used) when tokens -> bucket.settle(amount, used);
                case Ending.NotRun(),Ending.Used(var _),Ending.AsReserved() -> {
                    // It stays spent.
                }
            }
        }
    }

    private final List<Part> parts = new ArrayList<>(2);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Outstanding outstanding;

    Reservation(Outstanding outstanding) {
        this.outstanding = outstanding;
        outstanding.opened();
    }

    /** Adds what was just taken from a bucket. */
    void add(QuotaBucket bucket, Limit.Unit unit, long amount) {
        parts.add(new Part(bucket, unit, amount));
    }

    /** Takes over another reservation of the same call, to be closed with this one. */
    public void join(Reservation later) {
        if (later.closed.compareAndSet(false, true)) {
            parts.addAll(later.parts);
            outstanding.closed();
        }
    }

    /** Gives back or settles what was taken, as the ending says, and ends the reservation. */
    public void close(Ending ending) {
        if (closed.compareAndSet(false, true)) {
            parts.forEach(part -> part.close(ending));
            outstanding.closed();
        }
    }
}
