package sluice.calls;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records the database does not have yet: on disk, or in memory if that is not possible. What neither can hold is
 * lost, and counted. Each change is logged once. Used on the ledger's own thread; its figures may be read on any.
 */
final class Backlog {
    /** Records in memory. */
    static final int MOST_REMEMBERED = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(Backlog.class);

    private static final String SPOOLED = "the ledger accepts no call records; they are kept in the spool until it does";

    /** What happens to new records. */
    private enum State {
        NONE, ON_DISK, IN_MEMORY, LOST
    }

    private final Spool spool;
    private final BacklogObserver observer;
    private final Deque<CallRecord> remembered = new ArrayDeque<>();
    private State state = State.NONE;
    private String trouble = "it is full";
    private final AtomicLong lost = new AtomicLong();
    private volatile int inMemory;
    private volatile long oldestInMemory;

    Backlog(Spool spool, BacklogObserver observer) {
        this.spool = spool;
        this.observer = observer;
    }

    /** Picks up what an earlier process left. */
    void takeUp() {
        try {
            spool.takeUp();
            if (!spool.isEmpty()) {
                LOG.info("writing {} call records left by an earlier process", spool.records());
                state = State.ON_DISK;
                observer.behind(false, SPOOLED);
            }
        } catch (IOException e) {
            failed(e);
            LOG.error("the spool cannot be read: {}", trouble);
        }
    }

    /** Keeps further records. */
    void keep(List<CallRecord> calls) {
        remembered.addAll(calls);
        boolean onDisk = moveToDisk();
        long before = lost();
        while (remembered.size() > MOST_REMEMBERED) {
            remembered.remove();
            lost.incrementAndGet();
        }
        tellSizes();
        tell(onDisk ? State.ON_DISK : lost() > before ? State.LOST : State.IN_MEMORY);
    }

    private boolean moveToDisk() {
        try {
            if (spool.add(List.copyOf(remembered))) {
                remembered.clear();
                return true;
            }
            trouble = "it is full";
        } catch (IOException e) {
            failed(e);
        }
        return false;
    }

    private void failed(IOException e) {
        observer.spoolFailed();
        trouble = String.valueOf(e.getMessage());
    }

    boolean isEmpty() {
        return spool.isEmpty() && remembered.isEmpty();
    }

    /**
     * Some of the oldest records, none if a file of the spool has none; {@link #removeOldest} follows. Empty if they cannot
     * be read: then they are passed over.
     */
    Optional<List<CallRecord>> oldest() {
        if (spool.isEmpty()) {
            return Optional.of(new ArrayList<>(remembered));
        }
        try {
            return Optional.of(spool.oldest());
        } catch (IOException e) {
            failed(e);
            LOG.error("a spool file cannot be read and is left in place: {}", trouble);
            spool.passOver();
            tellIfEmpty();
            return Optional.empty();
        }
    }

    /** The database now has what {@link #oldest} returned. */
    void removeOldest() {
        if (spool.isEmpty()) {
            remembered.clear();
        } else {
            try {
                spool.removeOldest();
            } catch (IOException e) {
                failed(e);
            }
        }
        tellIfEmpty();
    }

    private void tellIfEmpty() {
        tellSizes();
        if (isEmpty()) {
            tell(State.NONE);
        }
    }

    private void tellSizes() {
        inMemory = remembered.size();
        CallRecord oldest = remembered.peek();
        oldestInMemory = oldest == null ? 0 : oldest.endedAtMillis();
    }

    private void tell(State now) {
        if (now == state) {
            return;
        }
        state = now;
        switch (now) {
            case NONE -> {
                LOG.info("the ledger has caught up{}",
                        lost() == 0 ? "" : ", except for " + lost() + " lost call records");
                observer.caughtUp();
            }
            case ON_DISK -> {
                LOG.warn(SPOOLED);
                observer.behind(false, SPOOLED);
            }
            case IN_MEMORY, LOST -> {
                String told = "neither the ledger nor the spool (" + trouble + ") accepts call records"
                        + (now == State.LOST
                                ? ", and memory for them is full: the oldest are lost"
                                : "; the last " + MOST_REMEMBERED + " are kept in memory");
                LOG.error(told);
                observer.behind(now == State.LOST, told);
            }
        }
    }

    /** A last attempt to save records that are only in memory. */
    void close() {
        if (!remembered.isEmpty()) {
            keep(List.of());
            lost.addAndGet(remembered.size());
            remembered.clear();
            tellSizes();
        }
        try {
            spool.close();
        } catch (IOException e) {
            failed(e);
        }
        if (lost() > 0) {
            LOG.error("{} call records are lost", lost());
        }
    }

    long lost() {
        return lost.get();
    }

    int inMemory() {
        return inMemory;
    }

    /** When the oldest record was made; {@link Long#MAX_VALUE} if there is none. */
    long oldestMillis() {
        long onDisk = spool.records() > 0 ? spool.oldestMillis() : Long.MAX_VALUE;
        return inMemory > 0 ? Math.min(onDisk, oldestInMemory) : onDisk;
    }
}
