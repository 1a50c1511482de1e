package sluice.quota;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** What a call has taken from limits. Closed with the call's ending; only the first close counts. */
public final class Reservation {

    private record Part(QuotaBucket bucket, Limit.Unit unit, long amount) {}

    private final List<Part> parts = new ArrayList<>(2);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Outstanding outstanding;

    Reservation(Outstanding outstanding) {
        this.outstanding = outstanding;
        outstanding.opened();
    }

    /** Adds what has just been taken from a bucket. */
    void add(QuotaBucket bucket, Limit.Unit unit, long amount) {
        parts.add(new Part(bucket, unit, amount));
    }

    /** Gives back what the ending says, and ends the reservation. */
    public void close(Ending ending) {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        for (Part part : parts) {
            if (ending.givesBack(part.unit())) {
                part.bucket().giveBack(part.amount());
            }
        }
        outstanding.closed();
    }
}
