package sluice.tenancy;

import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.cluster.Cluster;
import sluice.ledger.DayLimits;
import sluice.metrics.GatewayMeters;
import sluice.metrics.TenantMeters;
import sluice.quota.Budget;
import sluice.quota.InFlight;
import sluice.quota.Limit;
import sluice.quota.LimitObserver;
import sluice.quota.LocalBucket;
import sluice.quota.Outstanding;
import sluice.quota.QuotaBucket;
import sluice.quota.Slots;
import sluice.quota.Spending;
import sluice.quota.Spendings;
import sluice.quota.TenantQuota;
import sluice.quota.UserBuckets;
import sluice.schedule.Share;
import sluice.time.Time;

/**
 * What tenants have used and what they have in flight, by name. It outlives configuration reloads, so usage survives
 * even if a tenant or limit is removed from the file and put back; what calls with a tag spend counts only while the tag has
 * a budget.
 */
public final class TenantBook {
    private static final Logger LOG = LoggerFactory.getLogger(TenantBook.class);

    private final Optional<Cluster> cluster;
    private final DayLimits dayLimits;
    private final GatewayMeters meters;
    private final Outstanding outstanding;
    private final Time time;
    private final TenantDirectory directory;
    private final Map<String, QuotaBucket> buckets = new HashMap<>();
    private final Map<String, InFlight> inFlight = new HashMap<>();
    private final Map<String, Slots> slots = new HashMap<>();
    private final Map<String, Spending> spendings = new HashMap<>();
    private final Map<String, UserBuckets> users = new HashMap<>();
    private Spending.Rules rules = new Spending.Rules(ZoneOffset.UTC, 1);

    public TenantBook(Optional<Cluster> cluster, DayLimits dayLimits, GatewayMeters meters, Outstanding outstanding,
            Time time) {
        this.cluster = cluster;
        this.dayLimits = dayLimits;
        this.meters = meters;
        this.outstanding = outstanding;
        this.time = time;
        this.directory = new TenantDirectory(time);
    }

    /** The tenants in effect. */
    public TenantDirectory directory() {
        return directory;
    }

    /** Replaces the tenants. Only what differs is rebuilt; a tenant with new keys keeps everything else. */
    public synchronized void change(List<Tenant> tenants, Spending.Rules budgets) {
        rules = budgets;
        tenants.stream().filter(tenant -> spendings.containsKey(owner(tenant.name()))).forEach(this::spending);
        directory.put(tenants.stream().flatMap(tenant -> changed(tenant).stream()).toList());
        directory.retain(tenants.stream().map(Tenant::name).collect(Collectors.toUnmodifiableSet()));
    }

    /** Adds these tenants, or replaces those of the same name, and leaves all others as they are. */
    public synchronized void put(Collection<Tenant> tenants) {
        directory.put(tenants.stream().flatMap(tenant -> changed(tenant).stream()).toList());
    }

    /** Removes these tenants, if they are there. What they have used is remembered. */
    public synchronized void remove(Collection<String> names) {
        directory.remove(names);
        names.forEach(name -> dayLimits.forget(owner(name)));
    }

    /** The tenant's new {@link Tenancy}; empty if nothing has changed. */
    private Optional<Tenancy> changed(Tenant tenant) {
        Tenancy before = directory.named(tenant.name()).orElse(null);
        if (before == null || !before.tenant().differsOnlyInKeys(tenant)) {
            return Optional.of(tenancy(tenant));
        }
        return before.tenant().equals(tenant) ? Optional.empty() : Optional.of(watched(before.declared(tenant)));
    }

    /** Points the tenant's gauges at what is in effect. */
    private static Tenancy watched(Tenancy tenancy) {
        Map<String, Instant> ends = new TreeMap<>();
        tenancy.tenant().keys().forEach(key -> key.notAfter().ifPresent(end -> ends.put(key.digest().id(), end)));
        Map<String, DoubleSupplier> ratios = new LinkedHashMap<>(tenancy.quota().remainingRatios());
        tenancy.spending().all().forEach(each -> ratios.putAll(each.remainingRatios()));
        tenancy.meters().watch(tenancy.inFlight()::count, ratios, ends);
        return tenancy;
    }

    private Tenancy tenancy(Tenant tenant) {
        TenantMeters counters = meters.tenant(tenant.name());
        String mode = tenant.shadow() ? "shadow" : "enforced";
        LimitObserver observer = (limit, granted) -> counters.decision(limit, granted, mode);
        TenantQuota quota = new TenantQuota(tenant.limits(), tenant.shadow(),
                buckets(tenant.name()), observer, outstanding);
        Spendings spending = spending(tenant);
        dayLimits.watch(owner(tenant.name()), () -> {
            Map<String, QuotaBucket.Level> levels = new HashMap<>(quota.dailyLevels());
            spending.all().forEach(each -> levels.putAll(each.levels()));
            return levels;
        });
        InFlight calls = inFlight(tenant, observer);
        return watched(new Tenancy(tenant, quota, spending, calls, Set.copyOf(tenant.accounts()),
                new Share(tenant.name(), tenant.standing().weight()), counters));
    }

    private Spendings spending(Tenant tenant) {
        Map<String, Spending> ofTags = new HashMap<>();
        tenant.tags().budgets().forEach((tag, budgets) -> ofTags.put(tag, spending(tenant, tag, budgets)));
        return new Spendings(spending(tenant, "", tenant.limits().budgets()), ofTags);
    }

    private Spending spending(Tenant tenant, String tag, List<Budget> budgets) {
        String whose = tag.isEmpty() ? owner(tenant.name()) : owner(tenant.name()) + ' ' + tag;
        Spending spending = spendings.computeIfAbsent(whose, fresh -> newSpending(tenant.name(), tag));
        spending.change(budgets, tenant.shadow(), rules);
        return spending;
    }

    private Spending newSpending(String tenant, String tag) {
        TenantMeters counters = meters.tenant(tenant);
        Spending.Observer observer = new Spending.Observer() {
            @Override
            public void decided(String budget, boolean granted) {
                boolean shadow = directory.named(tenant).map(known -> known.tenant().shadow()).orElse(false);
                counters.decision(budget, granted, shadow ? "shadow" : "enforced");
            }

            @Override
            public void nearlySpent(String budget) {
                LOG.warn("tenant {} has spent {} % of its {}", tenant, Math.round(rules.warnAt() * 100), budget);
            }
        };
        return new Spending(tag, rules, period -> dayLimits.spent(owner(tenant), Spending.nameOf(tag, period),
                period.beginning(time.now(), rules.zone())), observer, outstanding, time,
                cluster.map(all -> parts -> all.treasury(tenant, tag, parts)));
    }

    private TenantQuota.Buckets buckets(String tenant) {
        UserBuckets ofUsers = users.computeIfAbsent(tenant,
                fresh -> new UserBuckets((name, limit) -> newBucket(tenant, name, limit), time));
        return new TenantQuota.Buckets() {
            @Override
            public QuotaBucket of(String name, Limit limit) {
                return bucket(tenant, name, limit);
            }

            @Override
            public QuotaBucket ofUser(String user, Limit limit) {
                return ofUsers.of(user, limit);
            }
        };
    }

    private QuotaBucket bucket(String tenant, String name, Limit limit) {
        return buckets.compute(owner(tenant) + ' ' + name, (same, bucket) -> {
            if (bucket == null) {
                return newBucket(tenant, name, limit);
            }
            bucket.change(limit);
            return bucket;
        });
    }

    private QuotaBucket newBucket(String tenant, String name, Limit limit) {
        long left = limit.kind().daily() ? dayLimits.remaining(owner(tenant), name, limit.amount()) : -1;
        return cluster.map(shared -> shared.limit(tenant, name, limit, left)).orElseGet(() -> {
            LocalBucket bucket = LocalBucket.of(limit, left, time);
            bucket.settle(0, limit.kind().daily() ? dayLimits.owed(owner(tenant), name, limit.amount()) : 0);
            return bucket;
        });
    }

    private InFlight inFlight(Tenant tenant, LimitObserver observer) {
        OptionalInt limit = tenant.limits().concurrent();
        Optional<Slots> shared = limit.isEmpty() ? Optional.empty() : slots(tenant.name(), limit.getAsInt());
        InFlight calls = inFlight.computeIfAbsent(tenant.name(),
                fresh -> new InFlight(limit, tenant.shadow(), observer, outstanding, shared));
        calls.change(limit, tenant.shadow(), observer, shared);
        return calls;
    }

    private Optional<Slots> slots(String tenant, int limit) {
        return cluster.map(all -> {
            Slots places = slots.computeIfAbsent(tenant, fresh -> all.slots(tenant, limit));
            places.change(limit);
            return places;
        });
    }

    private static String owner(String tenant) {
        return "tenant/" + tenant;
    }
}
