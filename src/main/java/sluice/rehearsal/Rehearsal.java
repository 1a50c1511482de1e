package sluice.rehearsal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import sluice.calls.PastCall;
import sluice.price.Unpriced;
import sluice.quota.Spending;
import sluice.rehearsal.Estimates.Use;
import sluice.rehearsal.TenantRehearsal.Met;
import sluice.tenancy.Tenant;
import sluice.time.Time;

/**
 * Replays calls of the past against the limits of a configuration. A call reserves what it used; one that was refused
 * is taken to use what its tenant's others used, and not to be repeated if it is refused again.
 */
public final class Rehearsal {
    /** What calls are told that their own tenant's limits and rules refuse. */
    private static final Set<String> REFUSALS = Set.of("rate_limit_exceeded", "concurrency_limit_exceeded",
            "insufficient_quota", "request_exceeds_limit", "model_not_allowed", "model_not_priced",
            "endpoint_not_allowed");
    private static final int FIRST = 3;

    private record Over(long atMicros, Runnable end) {}

    /** The results of one tenant, as they come. */
    private static final class Tally {
        private long calls;
        private long refusedThen;
        private long refused;
        private long newly;
        private long relieved;
        private long estimated;
        private final Map<String, List<String>> first = new TreeMap<>();
        private final Map<String, Long> by = new TreeMap<>();

        void count(PastCall call, boolean then, boolean estimate, Met met) {
            calls++;
            refusedThen += then ? 1 : 0;
            estimated += estimate ? 1 : 0;
            relieved += then && met.refusedBy().isEmpty() ? 1 : 0;
            met.refusedBy().ifPresent(limit -> {
                refused++;
                newly += then ? 0 : 1;
                by.merge(limit, 1L, Long::sum);
                List<String> ids = first.computeIfAbsent(limit, none -> new ArrayList<>());
                if (ids.size() < FIRST) {
                    ids.add(call.id());
                }
            });
        }

        Rehearsed of(String tenant, boolean known, boolean shadow) {
            Map<String, Rehearsed.Refusals> all = new LinkedHashMap<>();
            by.entrySet().stream().sorted(Map.Entry.<String, Long>comparingByValue().reversed()).forEach(
                    each -> all.put(each.getKey(), new Rehearsed.Refusals(each.getValue(),
                            first.getOrDefault(each.getKey(), List.of()))));
            return new Rehearsed(tenant, known, shadow, calls, refusedThen, refused, newly, relieved, estimated, all);
        }
    }

    private final Map<String, TenantRehearsal> tenants = new HashMap<>();
    private final VirtualClock clock;
    private final PriorityQueue<Over> running = new PriorityQueue<>(Comparator.comparingLong(Over::atMicros));

    /**
     * Prepares the limits.
     *
     * @param budgets   what holds for the budgets of all tenants
     * @param unpriced  what happens to calls without a price
     * @param hitsCount whether an answer from the cache counts as a request
     * @param start     when the replay begins
     * @param before    what was used by then
     */
    public Rehearsal(Collection<Tenant> tenants, Spending.Rules budgets, Unpriced unpriced, boolean hitsCount,
            Instant start, Before before) {
        this.clock = new VirtualClock(start.toEpochMilli() * 1000);
        Time time = clock.time();
        TenantRehearsal.Rules rules = new TenantRehearsal.Rules(budgets, hitsCount, unpriced);
        tenants.forEach(tenant -> this.tenants.put(tenant.name(), new TenantRehearsal(tenant, rules, before, time)));
    }

    /**
     * Replays calls, once.
     *
     * @param reported from when on calls are counted; those before only use up limits
     * @return the tenants with calls, by name
     */
    public List<Rehearsed> run(List<PastCall> calls, Instant reported) {
        Estimates estimates = new Estimates(calls);
        Map<String, Tally> tallies = new TreeMap<>();
        long from = reported.toEpochMilli() * 1000;
        for (PastCall call : calls.stream().sorted(Comparator.comparingLong(PastCall::arrivedAtMicros)).toList()) {
            boolean then = wasRefused(call);
            Use use = then ? estimates.of(call) : new Use(call.tokens(), call.picodollars(), call.totalMicros());
            passUntil(call.arrivedAtMicros());
            Met met = meet(call, use);
            running.add(new Over(clock.micros() + use.micros(), met.end()));
            if (call.arrivedAtMicros() >= from) {
                tallies.computeIfAbsent(call.tenant(), first -> new Tally()).count(call, then, then || call.estimated(),
                        met);
            }
        }
        return tallies.entrySet().stream().map(each -> {
            TenantRehearsal tenant = tenants.get(each.getKey());
            return each.getValue().of(each.getKey(), tenant != null, tenant != null && tenant.tenant().shadow());
        }).toList();
    }

    private static boolean wasRefused(PastCall call) {
        return call.outcome().equals("tenant") && REFUSALS.contains(call.code());
    }

    /** Calls that end by then give back what they hold, each at its moment. */
    private void passUntil(long micros) {
        for (Over next = running.peek(); next != null && next.atMicros() <= micros; next = running.peek()) {
            clock.advanceTo(next.atMicros());
            next.end().run();
            running.remove();
        }
        clock.advanceTo(micros);
    }

    private Met meet(PastCall call, Use use) {
        TenantRehearsal tenant = tenants.get(call.tenant());
        return tenant == null ? Met.refused("no such tenant") : tenant.meet(call, use);
    }
}
