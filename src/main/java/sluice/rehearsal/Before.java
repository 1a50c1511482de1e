package sluice.rehearsal;

import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import sluice.calls.PastUse;
import sluice.quota.Budget.Period;

/**
 * What tenants had used when the replay begins.
 *
 * @param lastDay  in the 24 hours before
 * @param ofPeriod in the current day and month of budgets
 */
public record Before(List<PastUse> lastDay, Map<Period, List<PastUse>> ofPeriod) {

    public Before {
        lastDay = List.copyOf(lastDay);
        ofPeriod = Map.copyOf(ofPeriod);
    }

    /** In the 24 hours before, by a tenant's calls of some models. */
    long lastDay(String tenant, Predicate<String> models, ToLongFunction<PastUse> what) {
        return lastDay.stream().filter(use -> use.tenant().equals(tenant) && models.test(use.model()))
                .mapToLong(what).sum();
    }

    /** What a tenant had spent in the current period, in picodollars. */
    long spent(String tenant, Period period) {
        return ofPeriod.getOrDefault(period, List.of()).stream().filter(use -> use.tenant().equals(tenant))
                .mapToLong(PastUse::picodollars).sum();
    }
}
