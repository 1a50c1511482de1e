package sluice.upstream;

import java.util.concurrent.atomic.AtomicLong;

/** Keeps retries to a share of the calls, so that an outage is not amplified. */
public final class RetryBudget {
    private static final long UNIT = 1_000_000;
    private static final long MOST = 10 * UNIT;

    private final AtomicLong saved;
    private final long perCall;

    /** Of a share of all calls, 0 to 1; up to ten retries are saved up, and given in advance unless the share is 0. */
    public RetryBudget(double share) {
        this.perCall = Math.round(share * UNIT);
        this.saved = new AtomicLong(perCall == 0 ? 0 : MOST);
    }

    /** A call has come. */
    public void call() {
        saved.updateAndGet(now -> Math.min(MOST, now + perCall));
    }

    /** Takes one retry, if the calls have earned it. */
    public boolean take() {
        return saved.getAndUpdate(now -> now >= UNIT ? now - UNIT : now) >= UNIT;
    }
}
