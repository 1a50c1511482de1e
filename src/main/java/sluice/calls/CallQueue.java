package sluice.calls;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Where event loops leave records for the thread that writes them: lock-free and bounded. */
final class CallQueue {
    /**
     * Enough for the busiest process until a database that hangs has timed out; about 50 MB when full.
     */
    static final int MOST = 100_000;

    private final Queue<CallRecord> records = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();

    /** Adds a record, and returns how many there are now; 0 if there was no room for it. */
    int add(CallRecord record) {
        int now = size.incrementAndGet();
        if (now > MOST) {
            size.decrementAndGet();
            return 0;
        }
        records.add(record);
        return now;
    }

    /** Moves up to so many records, oldest first. */
    void drainTo(List<? super CallRecord> taken, int most) {
        for (int i = 0; i < most; i++) {
            CallRecord next = records.poll();
            if (next == null) {
                return;
            }
            size.decrementAndGet();
            taken.add(next);
        }
    }

    int size() {
        return size.get();
    }

    @Nullable
    CallRecord oldest() {
        return records.peek();
    }
}
