package sluice.schedule;

import java.util.ArrayList;
import java.util.List;

/**
 * A view of one tenant's waiting calls.
 *
 * @param tenant      its name
 * @param weight      its weight
 * @param interactive calls waiting in the interactive lane
 * @param batch       calls waiting in the batch lane
 * @param oldestNanos how long the oldest has waited
 * @param ahead       its fair-share lead: service received beyond the least served tenant's, per weight, in shares of
 *                    a minute's limits
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
