package sluice.proxy;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that all bodies of a kind together may hold: those of requests, or what is recorded of answers. */
public final class HeldBodies {
    private final AtomicLong held = new AtomicLong();
    private final long limit;

    /** Of at most so many bytes. */
    public HeldBodies(long limit) {
        this.limit = limit;
    }

    /** Bytes held now. */
    public long bytes() {
        return held.get();
    }

    /** A share of nothing yet. */
    Share share() {
        return new Share();
    }

    /** What one body holds. Used on one event loop only. */
    final class Share {
        private long bytes;

        /** Holds more, if there is room; else holds what it held. */
        boolean grow(long more) {
            if (held.addAndGet(more) > limit) {
                held.addAndGet(-more);
                return false;
            }
            bytes += more;
            return true;
        }

        /** Holds nothing any longer. */
        void release() {
            held.addAndGet(-bytes);
            bytes = 0;
        }
    }
}
