package sluice.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits each tenant's retries to a share of its own calls, so that an outage is not amplified and one tenant's
 * failures do not use up the others' retries.
 */
public final class RetryBudget {
    private static final long UNIT = 1_000_000;
    private static final long MOST = 10 * UNIT;

    /** Beyond this many tenants, the least active start over. */
    private static final int MOST_TENANTS = 10_000;

    private final Cache<String, AtomicLong> saved = Caffeine.newBuilder().maximumSize(MOST_TENANTS)
            .executor(Runnable::run).build();
    private final long perCall;

    /** Retries are this share of calls, 0 to 1. A tenant saves up to ten, and starts with ten unless the share is 0. */
    public RetryBudget(double share) {
        this.perCall = Math.round(share * UNIT);
    }

    /** The tenant has made a call. */
    public void call(String tenant) {
        of(tenant).updateAndGet(now -> Math.min(MOST, now + perCall));
    }

    /** Takes one retry, if the tenant's calls have earned it. */
    public boolean take(String tenant) {
        return of(tenant).getAndUpdate(now -> now >= UNIT ? now - UNIT : now) >= UNIT;
    }

    private AtomicLong of(String tenant) {
        return saved.get(tenant, fresh -> new AtomicLong(perCall == 0 ? 0 : MOST));
    }
}
