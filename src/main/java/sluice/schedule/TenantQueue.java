package sluice.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * What waits of one tenant, for those who look.
 *
 * @param tenant      its name
 * @param weight      its weight
 * @param interactive calls that wait in its first lane
 * @param batch       and in its second
 * @param oldestNanos how long the oldest has waited
 * @param ahead       service that the tenant has had more than the neediest, for its weight, in shares of a minute's limits
 */
public record TenantQueue(String tenant, double weight, int interactive, int batch, long oldestNanos, double ahead) {

    static List<TenantQueue> of(FairQueue queue, long now) {
        List<TenantQueue> tenants = new ArrayList<>();
        for (Backlog backlog : queue.waiting()) {
            tenants.add(new TenantQueue(backlog.share().tenant(), backlog.share().weight(),
                    backlog.size(Lane.INTERACTIVE), backlog.size(Lane.BATCH), now - oldest(backlog),
                    backlog.counter() - queue.floor()));
        }
        return tenants;
    }

    private static long oldest(Backlog backlog) {
        return backlog.entries().mapToLong(Backlog.Entry::since).min().orElse(0);
    }
}
