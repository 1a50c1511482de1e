package sluice.quota;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a call has taken from limits. Closed with the call's ending; only the first close counts. */
public final class Reservation {

    private record Part(QuotaBucket bucket, Limit.Unit unit, long amount) {

        void close(Ending ending, long usedTokens) {
            if (ending.givesBack(unit)) {
                bucket.giveBack(amount);
            } else if (unit == Limit.Unit.TOKENS && usedTokens >= 0) {
                bucket.settle(amount, usedTokens);
            }
        }
    }

    private static final long UNKNOWN = -1;

    private final List<Part> parts = new ArrayList<>(2);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Outstanding outstanding;
    private volatile long usedTokens = UNKNOWN;

    Reservation(Outstanding outstanding) {
        this.outstanding = outstanding;
        outstanding.opened();
    }

    /** Adds what has just been taken from a bucket. */
    void add(QuotaBucket bucket, Limit.Unit unit, long amount) {
        parts.add(new Part(bucket, unit, amount));
    }

    /** What another reservation of the same call has taken is closed with this one. */
    public void join(Reservation later) {
        if (later.closed.compareAndSet(false, true)) {
            parts.addAll(later.parts);
            outstanding.closed();
        }
    }

    /** The call is known to have used so many tokens; without this the whole reservation of tokens stands. */
    public void used(long tokens) {
        usedTokens = tokens;
    }

    /** Gives back what the ending says, or settles it, and ends the reservation. */
    public void close(Ending ending) {
        if (closed.compareAndSet(false, true)) {
            parts.forEach(part -> part.close(ending, usedTokens));
            outstanding.closed();
        }
    }
}
