package sluice.identity;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.concurrent.TimeUnit;
import sluice.isolation.Holder;
import sluice.time.Time;

/**
 * Counts the tokens with wrong signatures that each address has sent within the current second. Only these count: each
 * costs a verification and none is an honest mistake. An expired token or a wrong audience is cheap to detect, and a service
 * that keeps sending one must not lock out others at its address.
 */
final class BadSignatures {
    private static final int MOST = 20;
    private static final int MOST_ADDRESSES = 10_000;

    private final Cache<Holder, Second> seconds = Caffeine.newBuilder().maximumSize(MOST_ADDRESSES).build();
    private final Time time;

    /** What an address has sent within a second. */
    private static final class Second {
        private long number;
        private int count;

        synchronized boolean isFull(long now) {
            return now == number && count >= MOST;
        }

        synchronized void add(long now) {
            count = now == number ? count + 1 : 1;
            number = now;
        }
    }

    BadSignatures(Time time) {
        this.time = time;
    }

    void add(Holder address) {
        seconds.get(address, fresh -> new Second()).add(now());
    }

    /** Whether tokens from this address are refused unverified for the rest of the second. */
    boolean tooMany(Holder address) {
        Second second = seconds.getIfPresent(address);
        return second != null && second.isFull(now());
    }

    private long now() {
        return TimeUnit.NANOSECONDS.toSeconds(time.nanos());
    }
}
