package sluice.account;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import sluice.cluster.Cluster;
import sluice.cluster.Notices;
import sluice.cluster.SharedAccount;
import sluice.ledger.DayLimits;
import sluice.metrics.GatewayMeters;
import sluice.net.CertifiedKey;
import sluice.quota.AccountBucket;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.schedule.Scheduler;
import sluice.time.Time;
import sluice.upstream.AccountHealth;
import sluice.upstream.AccountHealth.BreakerSettings;
import sluice.upstream.AccountHealth.Cause;
import sluice.upstream.AccountHealth.Outage;
import sluice.upstream.KeyRing;
import sluice.upstream.Unreachable;

/**
 * The upstream's accounts by name, with what is known about them. It outlives configuration reloads: an account
 * removed from the file still serves earlier calls, and one that is added back continues where it left off.
 */
public final class AccountBook {
    private final String pool;
    private final Optional<Cluster> cluster;
    private final DayLimits dayLimits;
    private final GatewayMeters meters;
    private final Time time;
    private final Map<String, LiveAccount> capacities = new LinkedHashMap<>();
    private final Map<String, AccountBucket> buckets = new HashMap<>();
    private final Map<String, SharedAccount> shared = new HashMap<>();
    private final Map<String, Map<String, List<Limit>>> granted = new HashMap<>();

    /** @param pool the pool in which calls wait for the accounts */
    public AccountBook(String pool, Optional<Cluster> cluster, DayLimits dayLimits, GatewayMeters meters, Time time) {
        this.pool = pool;
        this.cluster = cluster;
        this.dayLimits = dayLimits;
        this.meters = meters;
        this.time = time;
        cluster.map(Cluster::notices).ifPresent(this::follow);
    }

    /** Switches to these accounts; earlier ones come last. Nobody may take from them meanwhile. */
    public synchronized List<LiveAccount> change(List<AccountEntry> entries, BreakerSettings breaker) {
        List<LiveAccount> current = new ArrayList<>(entries.stream().map(entry -> change(entry, breaker)).toList());
        capacities.values().stream().filter(known -> !current.contains(known)).forEach(current::add);
        return current;
    }

    /** The accounts of the entries, by name. */
    public synchronized Map<String, LiveAccount> of(List<AccountEntry> entries) {
        Map<String, LiveAccount> byName = new LinkedHashMap<>();
        entries.forEach(entry -> Optional.ofNullable(capacities.get(entry.account().name()))
                .ifPresent(capacity -> byName.put(capacity.name(), capacity)));
        return byName;
    }

    /** From now on calls wait in this scheduler's queue, also for accounts that replicas share. */
    public synchronized void join(Scheduler scheduler) {
        capacities.values().forEach(capacity -> capacity.watch().wakes(scheduler::wake));
        shared.forEach((name, account) -> Optional.ofNullable(capacities.get(name))
                .ifPresent(capacity -> account.serves(scheduler, capacity, capacity.quota(), capacity.reports())));
    }

    private LiveAccount change(AccountEntry entry, BreakerSettings breaker) {
        String name = entry.account().name();
        AccountQuota quota = new AccountQuota(limits(entry), (limit, of, limits) -> bucket(name, limit, of, limits));
        dayLimits.watch(owner(name), quota::dailyLevels);
        LiveAccount capacity = capacities.computeIfAbsent(name, fresh -> capacity(entry, quota, breaker));
        capacity.change(quota, entry.serves(), entry.account().keys(), breaker);
        Map<String, BooleanSupplier> unreachable = new LinkedHashMap<>();
        for (Unreachable why : Unreachable.values()) {
            unreachable.put(why.word(), () -> capacity.watch().unreachable() == why);
        }
        meters.account(name, quota.remainingRatios(), new GatewayMeters.AccountFigures(capacity::cooldownSeconds,
                capacity.watch()::keysInService, () -> capacity.watch().pausedModels().size(),
                () -> capacity.watch().shortages().size(), entry.account().certificate().map(CertifiedKey::notAfter)),
                unreachable, outages(capacity.watch()));
        return capacity;
    }

    private static Map<String, BooleanSupplier> outages(AccountWatch watch) {
        Map<String, BooleanSupplier> outages = new LinkedHashMap<>();
        for (Cause cause : List.of(Cause.UNREACHABLE, Cause.OUT_OF_CREDIT, Cause.KEYS_REJECTED)) {
            outages.put(cause.word(), () -> isOut(watch.outage(), cause));
        }
        return outages;
    }

    private static boolean isOut(@Nullable Outage outage, Cause cause) {
        return outage != null && outage.cause() == cause;
    }

    private AccountLimits limits(AccountEntry entry) {
        return entry.limitsFrom() == AccountEntry.LimitsFrom.FILE
                ? entry.limits()
                : entry.limits().with(granted.getOrDefault(entry.account().name(), Map.of()));
    }

    /**
     * OpenAI grants an account these limits, by model. They take effect with the next {@link #change}.
     *
     * @return whether they differ from those reported before
     */
    public synchronized boolean granted(String account, Map<String, List<Limit>> byModel) {
        return !byModel.equals(granted.put(account, Map.copyOf(byModel)));
    }

    private LiveAccount capacity(AccountEntry entry, AccountQuota quota, BreakerSettings breaker) {
        String name = entry.account().name();
        LiveAccount capacity = new LiveAccount(name, quota, new AccountHealth(name, breaker),
                new KeyRing(entry.account().keys(), time.nanos()), time);
        cluster.map(Cluster::notices)
                .ifPresent(notices -> capacity.watch().tells((what, holds) -> notices.tell(what, holds)));
        return capacity;
    }

    private AccountBucket bucket(String account, String name, Limit limit, AccountLimits of) {
        return buckets.compute(owner(account) + ' ' + name, (same, bucket) -> {
            if (bucket == null) {
                return newBucket(account, name, limit, of);
            }
            bucket.change(name, limit, of);
            return bucket;
        });
    }

    private AccountBucket newBucket(String account, String name, Limit limit, AccountLimits of) {
        long left = limit.kind().daily() ? dayLimits.remaining(owner(account), name, limit.amount()) : -1;
        Optional<SharedAccount> all = cluster
                .map(joined -> shared.computeIfAbsent(account, fresh -> joined.account(pool, fresh)));
        return all.map(replicas -> replicas.bucket(name, limit, of, left))
                .orElseGet(() -> {
                    LocalBucket bucket = LocalBucket.of(name, limit, of, left, time);
                    bucket.settle(0, limit.kind().daily() ? dayLimits.owed(owner(account), name, limit.amount()) : 0);
                    return bucket;
                });
    }

    /** A pause of an account's model or key at one replica applies to all of them. */
    private void follow(Notices notices) {
        notices.read(
                told -> told.forEach((name, holds) -> all().forEach(account -> account.watch().hear(name, holds))));
    }

    private synchronized Stream<LiveAccount> all() {
        return List.copyOf(capacities.values()).stream();
    }

    private static String owner(String account) {
        return "account/" + account;
    }
}
