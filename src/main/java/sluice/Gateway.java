package sluice;

import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.admin.AdminServer;
import sluice.cache.AnswerCache;
import sluice.cluster.Cluster;
import sluice.cluster.Notices;
import sluice.cluster.Script;
import sluice.cluster.SharedAccount;
import sluice.cluster.StoreObserver;
import sluice.config.EffectiveConfig;
import sluice.config.GatewayConfig;
import sluice.config.GatewayConfig.AccountEntry;
import sluice.config.GatewayConfig.TenantEntry;
import sluice.metrics.AccessLog;
import sluice.metrics.CertificateEnd;
import sluice.metrics.GatewayMeters;
import sluice.metrics.TenantMeters;
import sluice.openai.ModelGlob;
import sluice.proxy.AccountCapacity;
import sluice.proxy.Drain;
import sluice.proxy.HeldBodies;
import sluice.proxy.Listener;
import sluice.proxy.Services;
import sluice.proxy.Tenancies;
import sluice.proxy.Tenancy;
import sluice.quota.AccountQuota;
import sluice.quota.InFlight;
import sluice.quota.Limit;
import sluice.quota.LimitObserver;
import sluice.quota.LocalBucket;
import sluice.quota.Outstanding;
import sluice.quota.QuotaBucket;
import sluice.quota.Remembered;
import sluice.quota.TenantQuota;
import sluice.quota.Slots;
import sluice.schedule.Alarm;
import sluice.schedule.Capacity;
import sluice.schedule.Lane;
import sluice.schedule.Scheduler;
import sluice.schedule.Share;
import sluice.tenant.Tenant;
import sluice.time.Time;
import sluice.upstream.AccountHealth;
import sluice.upstream.KeyRing;
import sluice.upstream.RetryBudget;

/** A whole gateway, built by hand from its configuration: capabilities first, the request path next, listeners last. */
final class Gateway {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    /** Every account may serve every call that its tenant allows, so there is one pool. */
    private static final String POOL = "default";

    private final GatewayConfig config;
    private final Time time;
    private final Vertx vertx;
    private final GatewayMeters meters;
    private final Outstanding outstanding = new Outstanding();
    private final Drain drain;
    private final DayLimits dayLimits;
    private final Optional<Cluster> cluster;
    private final KeyRevocation keys;
    private final List<Consumer<Scheduler>> joins = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private volatile boolean listening;
    private @Nullable AdminServer admin;
    private @Nullable Scheduler scheduler;
    private @Nullable String deployment;

    private Gateway(GatewayConfig config, Time time) throws IOException {
        this.config = config;
        this.time = time;
        this.drain = new Drain(config.drain());
        this.meters = new GatewayMeters(config.metrics(), Main.version());
        this.dayLimits = DayLimits.open(config.ledger(), hasDailyLimits(config), time,
                () -> meters.storeError("ledger"));
        this.vertx = vertx(meters);
        this.cluster = config.redis().map(redis -> new Cluster(vertx, redis, storeMeters(), time));
        this.keys = new KeyRevocation(vertx, config.ledger(), cluster.map(Cluster::notices));
    }

    /** Builds a gateway and opens its listeners; complete when it can take calls. */
    static Future<Gateway> start(GatewayConfig config, Time time) {
        Gateway gateway;
        try {
            gateway = new Gateway(config, time);
        } catch (IOException unusable) {
            return Future.failedFuture(unusable);
        }
        return gateway.open().map(gateway)
                .recover(failure -> gateway.stop().transform(stopped -> Future.failedFuture(failure)));
    }

    private Future<Void> open() {
        AnswerCache cache = new AnswerCache(config.cache(), time);
        HeldBodies bodies = new HeldBodies(config.listen().maxHeldBodyBytes());
        AtomicInteger connections = new AtomicInteger();
        List<AccountCapacity> capacities = config.accounts().stream().map(this::capacity).toList();
        Map<String, AccountCapacity> byName = new LinkedHashMap<>();
        capacities.forEach(account -> byName.put(account.name(), account));
        Scheduler made = new Scheduler(config.queue(), List.<Capacity>copyOf(capacities), time, alarm(),
                meters::waited);
        scheduler = made;
        joins.forEach(join -> join.accept(made));
        Tenancies tenancies = new Tenancies(config.tenants().stream().map(this::tenancy).toList(), time);

        meters.cacheBytes(cache::bytes);
        meters.heldBodyBytes(bodies::bytes);
        meters.connections(connections::get);
        meters.outstanding(outstanding::count);
        config.listen().tls().ifPresent(tls -> meters.certificate(new CertificateEnd(tls.certificate())));
        for (Lane lane : Lane.values()) {
            meters.queueWaiting(POOL, lane.key(), () -> made.waiting(lane));
        }
        meters.knowModels(config.tenants().stream().flatMap(entry -> entry.tenant().models().stream())
                .filter(ModelGlob::isLiteral).map(ModelGlob::pattern).toList());

        Services services = new Services(config.listen(), config.upstream(),
                config.accounts().stream().map(AccountEntry::account).toList(), () -> tenancies, keys.revocations(),
                made,
                byName, config.retries().attempts(), new RetryBudget(config.retries().budget()), cache, bodies, drain,
                config.redis().map(redis -> redis.timeout().multipliedBy(2)).orElse(Duration.ZERO),
                meters, new AccessLog(time), connections, time);
        AdminServer.Views views = new AdminServer.Views(() -> listening && !drain.leaving(), meters::scrape,
                () -> EffectiveConfig.yaml(config), () -> QueueView.of(made, capacities));
        cluster.map(Cluster::notices).ifPresent(notices -> share(notices, capacities));
        dayLimits.start(vertx);
        cluster.ifPresent(joined -> meters.cluster(joined::reachable, joined::replicas, joined::held));
        return cluster.map(Cluster::start).orElse(Future.succeededFuture())
                .compose(joined -> AdminServer.start(vertx, config.admin(), views, keys::change))
                .onSuccess(server -> admin = server)
                .compose(server -> vertx.deployVerticle(() -> listener(services),
                        new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE / 2)))
                .onSuccess(id -> {
                    deployment = id;
                    listening = true;
                }).compose(id -> watchCertificate());
    }

    private Future<Void> watchCertificate() {
        Optional<Listener.Tls> tls = config.listen().tls();
        if (tls.isEmpty()) {
            return Future.succeededFuture();
        }
        try {
            // Vert.x shares one server among the event loops, so that one of them renews it for all.
            new CertificateWatch(tls.get(), () -> listeners.getFirst().renewCertificate()).start(vertx);
            return Future.succeededFuture();
        } catch (IOException unreadable) {
            return Future.failedFuture(unreadable);
        }
    }

    private synchronized Listener listener(Services services) {
        Listener listener = new Listener(services);
        listeners.add(listener);
        return listener;
    }

    private AccountCapacity capacity(AccountEntry entry) {
        String name = entry.account().name();
        String owner = "account/" + name;
        Remembered left = (limit, of) -> of.kind().daily() ? dayLimits.remaining(owner, limit, of.amount()) : -1;
        Optional<SharedAccount> shared = cluster.map(joined -> joined.account(POOL, name));
        AccountQuota quota = shared
                .map(all -> new AccountQuota(entry.limits(),
                        (limit, of, limits) -> all.bucket(limit, of, limits, left.of(limit, of))))
                .orElseGet(() -> new AccountQuota(entry.limits(), left, time));
        dayLimits.watch(owner, quota::dailyLevels);
        AccountCapacity capacity = new AccountCapacity(name, quota, new AccountHealth(name, config.breaker()),
                new KeyRing(entry.account().keys(), time.nanos()), time);
        shared.ifPresent(all -> joins.add(made -> all.serves(made, capacity, quota)));
        meters.accountRemaining(name, quota.remainingRatios());
        meters.accountCooldown(name, capacity::cooldownSeconds);
        meters.accountKeys(name, capacity::keysInService);
        return capacity;
    }

    private Tenancy tenancy(TenantEntry entry) {
        Tenant tenant = entry.tenant();
        TenantMeters counters = meters.tenant(tenant.name());
        String mode = tenant.shadow() ? "shadow" : "enforced";
        LimitObserver observer = (limit, granted) -> counters.decision(limit, granted, mode);
        String owner = "tenant/" + tenant.name();
        TenantQuota quota = new TenantQuota(tenant.limits(), tenant.shadow(),
                (name, limit) -> bucket(tenant.name(), name, limit),
                observer, outstanding);
        dayLimits.watch(owner, quota::dailyLevels);
        InFlight inFlight = new InFlight(tenant.limits().concurrent(), tenant.shadow(), observer, outstanding,
                slots(tenant));
        counters.watch(inFlight::count, quota.remainingRatios());
        return new Tenancy(tenant, quota, inFlight, entry.cache(), Set.copyOf(tenant.accounts()),
                new Share(tenant.name(), entry.standing().weight()), entry.standing(), counters);
    }

    private StoreObserver storeMeters() {
        return new StoreObserver() {
            @Override
            public void asked(Script script) {
                meters.storeMessage("redis", script.name().toLowerCase(Locale.ROOT));
            }

            @Override
            public void failed() {
                meters.storeError("redis");
            }
        };
    }

    /** What pauses an account or a key at one replica does so at all. */
    private static void share(Notices notices, List<AccountCapacity> capacities) {
        capacities.forEach(account -> account.tells((name, holds) -> notices.tell(name, holds)));
        notices.read(told -> told
                .forEach((name, holds) -> capacities.forEach(account -> account.hear(name, holds))));
    }

    private Optional<Slots> slots(Tenant tenant) {
        OptionalInt limit = tenant.limits().concurrent();
        return limit.isEmpty() ? Optional.empty() : cluster.map(all -> all.slots(tenant.name(), limit.getAsInt()));
    }

    private QuotaBucket bucket(String tenant, String name, Limit limit) {
        String owner = "tenant/" + tenant;
        long left = limit.kind().daily() ? dayLimits.remaining(owner, name, limit.amount()) : -1;
        return cluster.map(shared -> shared.limit(tenant, name, limit, left))
                .orElseGet(() -> LocalBucket.of(limit, left, time));
    }

    /** One event loop owns the scheduler's timer. */
    private Alarm alarm() {
        Context loop = vertx.getOrCreateContext();
        return (nanos, task) -> loop.runOnContext(now -> vertx
                .setTimer(Math.max(1, Math.ceilDiv(nanos, TimeUnit.MILLISECONDS.toNanos(1))), rung -> task.run()));
    }

    /** Ends in good order: says that it will go, then takes nothing new, then waits for what runs, within the grace. */
    Future<Void> drain() {
        drain.leave();
        LOG.info("leaving: {} calls under way, everything is still served for {}", drain.calls(),
                config.drain().delay());
        Promise<Void> stopped = Promise.promise();
        vertx.timer(Math.max(1, config.drain().delay().toMillis()), TimeUnit.MILLISECONDS).compose(over -> {
            LOG.info("draining: {} calls under way, at most {}", drain.calls(), config.drain().grace());
            Future<Void> late = vertx.timer(Math.max(1, config.drain().grace().toMillis()), TimeUnit.MILLISECONDS)
                    .mapEmpty();
            return Future.any(drain.close(), late);
        }).onComplete(over -> stop().onComplete(stopped));
        return stopped.future();
    }

    /** Ends at once. */
    Future<Void> stop() {
        listening = false;
        Promise<Void> stopped = Promise.promise();
        if (scheduler != null) {
            scheduler.close();
        }
        Future<Void> closed = deployment == null ? Future.succeededFuture() : vertx.undeploy(deployment);
        closed.transform(done -> cluster.map(Cluster::close).orElse(Future.succeededFuture()))
                .transform(done -> dayLimits.stop(vertx))
                .transform(done -> admin == null ? Future.succeededFuture() : admin.close())
                // The event loops end with Vert.x, so the last word must not need one of them.
                .onComplete(done -> vertx.close().onComplete(over -> {
                    meters.close();
                    stopped.complete();
                }));
        return stopped.future();
    }

    /** The port that services call. */
    int port() {
        return listeners.getFirst().port();
    }

    /** The port of the admin listener. */
    int adminPort() {
        return admin == null ? 0 : admin.port();
    }

    /** Reservations and permits that are open; 0 at rest. */
    long outstanding() {
        return outstanding.count();
    }

    /** One line for the log at start: what serves whom, and where. */
    String summary() {
        return "listening on port " + port() + " (admin on " + adminPort() + ") for " + config.tenants().size()
                + " tenants, upstream " + config.upstream().baseUrl() + " with accounts "
                + config.accounts().stream().map(entry -> entry.account().name()).collect(Collectors.joining(", "));
    }

    private static boolean hasDailyLimits(GatewayConfig config) {
        Stream<List<Limit>> ofAccounts = config.accounts().stream().flatMap(entry -> Stream
                .concat(Stream.of(entry.limits().limits()), entry.limits().byModel().values().stream()));
        Stream<List<Limit>> ofTenants = config.tenants().stream().map(entry -> entry.tenant().limits()).flatMap(
                limits -> Stream.concat(Stream.of(limits.overall()), limits.byModel().values().stream()));
        return Stream.concat(ofAccounts, ofTenants).flatMap(List::stream).anyMatch(limit -> limit.kind().daily());
    }

    private static Vertx vertx(GatewayMeters meters) {
        EnumSet<MetricsDomain> unwanted = EnumSet.allOf(MetricsDomain.class);
        unwanted.remove(MetricsDomain.NAMED_POOLS);
        MicrometerMetricsOptions metrics = new MicrometerMetricsOptions().setEnabled(true);
        unwanted.forEach(metrics::addDisabledMetricsCategory);
        return Vertx.builder().with(new VertxOptions().setPreferNativeTransport(true).setMetricsOptions(metrics))
                .withMetrics(new MicrometerMetricsFactory(meters.registry())).build();
    }
}
