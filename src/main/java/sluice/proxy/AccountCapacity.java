package sluice.proxy;

import sluice.quota.AccountQuota;
import sluice.schedule.Capacity;

/**
 * An account's quota as what the scheduler grants from.
 *
 * @param name  the account's
 * @param quota its buckets
 */
public record AccountCapacity(String name, AccountQuota quota) implements Capacity {

    @Override
    public long take() {
        return quota.takeRequest();
    }

    @Override
    public void giveBack() {
        quota.giveBackRequest();
    }

    @Override
    public long intervalNanos() {
        return quota.intervalNanos();
    }
}
