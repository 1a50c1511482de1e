package sluice.cli;

import io.vertx.core.Context;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.WorkerExecutor;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.account.AccountBook;
import sluice.account.AccountEntry;
import sluice.admin.AdminServer;
import sluice.admin.QueueView;
import sluice.cache.AnswerCache;
import sluice.cluster.Cluster;
import sluice.cluster.Script;
import sluice.cluster.StoreObserver;
import sluice.config.ConfigChange;
import sluice.config.ConfigReload;
import sluice.config.EffectiveConfig;
import sluice.config.GatewayConfig;
import sluice.config.InvalidConfig;
import sluice.config.Problem;
import sluice.edge.Listener;
import sluice.edge.Services;
import sluice.isolation.Bulkhead;
import sluice.isolation.Shared;
import sluice.ledger.DayLimits;
import sluice.ledger.Ledger;
import sluice.ledger.RevokedKeys;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Recorder;
import sluice.metrics.Tariff;
import sluice.metrics.Tracing;
import sluice.net.Door;
import sluice.net.Drain;
import sluice.net.GuardedTransport;
import sluice.openai.ModelGlob;
import sluice.proxy.Purse;
import sluice.quota.AnswerLengths;
import sluice.quota.Outstanding;
import sluice.schedule.Alarm;
import sluice.schedule.Capacity;
import sluice.schedule.Lane;
import sluice.schedule.Scheduler;
import sluice.schedule.Share;
import sluice.tenancy.KeyRevocation;
import sluice.tenancy.Tenant;
import sluice.tenancy.TenantBook;
import sluice.time.Time;
import sluice.upstream.RetryBudget;
import sluice.upstream.UpstreamClient;

/** A whole gateway, wired by hand from its configuration: capabilities first, then the request path, listeners last. */
public final class Gateway implements ConfigReload.Reloadable {
    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);

    /** Every account may serve any call that its tenant allows, so there is one pool. */
    private static final String POOL = "default";

    private final Time time;
    private final Opened opened;
    private final Vertx vertx;
    private final GatewayMeters meters;
    private final Outstanding outstanding = new Outstanding();
    private final AnswerLengths lengths;
    private final Drain drain;
    private final Bulkhead connections;
    private final Bulkhead adminConnections = Bulkhead.of("admin-connections", AdminServer.MAX_CONNECTIONS);
    private final Bulkhead bodies;
    private final Bulkhead recordings;
    private final UpstreamClient.Places places = new UpstreamClient.Places(new Shared("upstream-connections"),
            new Shared("websockets"));
    private final AnswerCache cache;
    private final Tracing tracing;
    private final DayLimits dayLimits;
    private final Optional<Cluster> cluster;
    private final Optional<ShownCertificate> certificate;
    private final KeyRevocation keys;
    private final AccountBook accounts;
    private final TenantBook tenants;
    private final Scheduler scheduler;
    private final List<Listener> listeners = new ArrayList<>();
    private volatile GatewayConfig config;
    private volatile boolean fileInEffect = true;
    private volatile Instant readAt;
    private volatile boolean listening;
    /** Null while event loops may be using different ones. */
    private volatile @Nullable Services inEffect;
    private final WorkerExecutor reloads;
    private Future<Void> reloaded = Future.succeededFuture();
    private RetryBudget retries;
    private volatile @Nullable AdminServer admin;

    private Gateway(GatewayConfig config, Time time, Opened opened) throws IOException {
        this.config = config;
        this.time = time;
        this.opened = opened;
        this.readAt = time.now();
        this.drain = new Drain(config.drain());
        this.connections = Bulkhead.of("connections", config.listen().maxConnections());
        this.bodies = Bulkhead.of("held-bodies", config.listen().maxHeldBodyBytes());
        this.recordings = Bulkhead.of("recordings", recorded(config.cache()));
        this.cache = new AnswerCache(config.cache(), time);
        this.retries = new RetryBudget(config.retries().budget());
        this.meters = opened.add(new GatewayMeters(config.metrics(), Main.version()), ended -> {
            ended.close();
            return Future.succeededFuture();
        });
        this.lengths = new AnswerLengths(meters::reserved);
        this.tracing = opened.add(Tracing.open(config.traces(), Main.version(), time), Gateway::sent);
        this.vertx = opened.add(vertx(meters, this::door), Vertx::close);
        this.reloads = vertx.createSharedWorkerExecutor("sluice-reload", 1);
        Ledger ledger = opened.add(new Ledger(config.ledger(), () -> meters.storeError("ledger")),
                ending -> vertx.executeBlocking(() -> {
                    ending.close();
                    return true;
                }).mapEmpty());
        this.dayLimits = opened.add(DayLimits.open(ledger, config.hasDailyLimits(), time),
                levels -> levels.stop(vertx));
        this.cluster = config.redis().map(
                redis -> opened.add(new Cluster(vertx, redis, storeMeters(), time), Cluster::close));
        this.certificate = config.listen().tls().isEmpty()
                ? Optional.empty()
                : Optional.of(ShownCertificate.read(config.listen().tls().get(), time));
        this.keys = new KeyRevocation(vertx, new RevokedKeys(ledger), cluster.map(Cluster::notices));
        this.accounts = new AccountBook(POOL, cluster, dayLimits, meters, time);
        this.tenants = new TenantBook(cluster, dayLimits, meters, outstanding, time);
        tenants.change(config.tenants(), config.budgets().rules());
        this.scheduler = new Scheduler(config.queue(),
                List.<Capacity>copyOf(accounts.change(config.accounts(), config.breaker())), time, alarm(),
                meters::waited);
        accounts.join(scheduler);
    }

    /** Builds a gateway and opens its listeners; completes when it can take calls. On failure nothing stays open. */
    public static Future<Gateway> start(GatewayConfig config, Time time) {
        Opened opened = new Opened();
        Future<Gateway> started;
        try {
            Gateway gateway = new Gateway(config, time, opened);
            started = gateway.open().map(gateway);
        } catch (Throwable unusable) {
            started = Future.failedFuture(unusable);
        }
        Promise<Gateway> told = Promise.promise();
        started.onSuccess(told::complete)
                .onFailure(failure -> opened.close().onComplete(closed -> told.fail(failure)));
        return told.future();
    }

    private Future<Void> open() {
        meter();
        inEffect = services(config.accounts());
        AdminServer.Views views = new AdminServer.Views(() -> listening && !drain.leaving(), meters::scrape,
                () -> EffectiveConfig.yaml(config),
                () -> QueueView.of(scheduler, List.copyOf(accounts.of(config.accounts()).values())));
        dayLimits.start(vertx);
        return cluster.map(Cluster::start).orElse(Future.succeededFuture())
                .compose(joined -> AdminServer.start(vertx, config.admin(), views, keys::change))
                .onSuccess(server -> admin = opened.add(server, AdminServer::close))
                .compose(server -> vertx.deployVerticle(this::listener,
                        new DeploymentOptions().setInstances(VertxOptions.DEFAULT_EVENT_LOOP_POOL_SIZE / 2)))
                .onSuccess(id -> {
                    opened.add(id, vertx::undeploy);
                    listening = true;
                    // Vert.x shares one server among the event loops, so renewing it on one of them renews it for all.
                    certificate.ifPresent(shown -> shown.follow(vertx, listeners.getFirst()::renewCertificate));
                }).mapEmpty();
    }

    private void meter() {
        knowModels();
        meters.cacheBytes(cache::bytes);
        meters.heldBodyBytes(bodies::used);
        meters.connections(connections::used);
        Stream.of(connections, adminConnections, bodies, recordings).map(Bulkhead::shared).forEach(meters::shared);
        Stream.of(places.lines(), places.sockets(), scheduler.shared(), cache.shared()).forEach(meters::shared);
        meters.outstanding(outstanding::count);
        certificate.ifPresent(shown -> meters.certificate(shown::endsAt));
        for (Lane lane : Lane.values()) {
            meters.queueWaiting(POOL, lane.key(), () -> scheduler.waiting(lane));
        }
        meters.configReload(() -> fileInEffect && certificate.map(ShownCertificate::isThatOfTheFiles).orElse(true),
                () -> readAt.toEpochMilli() / 1e3);
        cluster.ifPresent(joined -> meters.cluster(joined::reachable, joined::replicas, joined::held));
    }

    /** The models that get labels of their own. */
    private void knowModels() {
        meters.knowModels(config.tenants().stream().flatMap(tenant -> tenant.models().stream())
                .filter(ModelGlob::isLiteral).map(ModelGlob::pattern).toList());
    }

    /** What event loops use while this configuration is in effect and these accounts may be called. */
    private Services services(List<AccountEntry> entries) {
        Tariff tariff = new Tariff(config.pricesAsOf(LocalDate.ofInstant(readAt, ZoneOffset.UTC)));
        return new Services(config.listen(), config.upstream(),
                entries.stream().map(AccountEntry::account).toList(), tenants.directory(),
                keys.revocations(), scheduler, accounts.of(entries), config.retries().attempts(), retries,
                cache, places, bodies, recordings, connections, drain,
                config.redis().map(redis -> redis.timeout().multipliedBy(2)).orElse(Duration.ZERO), meters,
                new Recorder(tariff, meters), lengths, new Purse(tariff, config.budgets().unpriced()), tracing, time);
    }

    /**
     * Applies another configuration, whole or not at all; used quota, queued calls and calls in flight are kept.
     * Reloads run one after another; each completes when every event loop uses the new configuration.
     */
    @Override
    public synchronized Future<Void> reload(GatewayConfig next) {
        reloaded = reloaded.transform(over -> blocking(() -> apply(next)));
        return reloaded;
    }

    private Future<Void> blocking(Callable<Future<Void>> step) {
        return reloads.executeBlocking(step).compose(done -> done);
    }

    /** Blocks on file access. */
    private Future<Void> apply(GatewayConfig next) {
        ConfigChange change = new ConfigChange(config, next);
        List<Problem> problems = change.needRestart();
        if (!problems.isEmpty()) {
            return Future.failedFuture(InvalidConfig.needsRestart("what a running gateway cannot change", problems));
        }
        GatewayConfig before = config;
        return blocking(() -> adopt(next)).onSuccess(done -> {
            readAt = time.now();
            fileInEffect = true;
            change.newWarnings().forEach(LOG::warn);
            LOG.info("the configuration has been reloaded: {}", change.isNone() ? "nothing differs" : change);
        }).recover(failure -> blocking(() -> adopt(before)).transform(done -> Future.failedFuture(failure)));
    }

    /**
     * Applies it. Event loops know the accounts of both configurations before tenants change and only the new ones
     * afterwards, so that no call is sent to an account that its event loop does not know.
     */
    private Future<Void> adopt(GatewayConfig next) throws IOException {
        if (next.hasDailyLimits()) {
            dayLimits.need();
        }
        List<AccountEntry> both = new ArrayList<>(next.accounts());
        config.accounts().stream().filter(old -> next.accounts().stream().noneMatch(old::isSameAs))
                .forEach(both::add);
        change(next);
        return everywhere(services(both)).compose(known -> blocking(() -> {
            tenants.change(next.tenants(), next.budgets().rules());
            return everywhere(services(next.accounts()));
        }));
    }

    /** Makes every event loop use these from now on; does nothing if nothing differs. */
    private Future<Void> everywhere(Services services) {
        if (services.equals(inEffect)) {
            return Future.succeededFuture();
        }
        return Future.all(listeners.stream().map(listener -> listener.reload(services)).toList())
                .onComplete(done -> inEffect = done.succeeded() ? services : null).mapEmpty();
    }

    /** Updates what outlives a configuration. */
    private void change(GatewayConfig next) {
        if (next.retries().budget() != config.retries().budget()) {
            retries = new RetryBudget(next.retries().budget());
        }
        config = next;
        drain.change(next.drain());
        cache.change(next.cache());
        recordings.change(recorded(next.cache()));
        meters.change(next.metrics());
        knowModels();
        scheduler.reload(next.queue(), () -> {
            List<Capacity> all = List.copyOf(accounts.change(next.accounts(), next.breaker()));
            accounts.join(scheduler);
            return all;
        }, next.tenants().stream().map(tenant -> new Share(tenant.name(), tenant.standing().weight())).toList());
        meters.retain(next.accounts().stream().map(entry -> entry.account().name()).toList(),
                next.tenants().stream().map(Tenant::name).toList());
    }

    @Override
    public void notReloaded() {
        fileInEffect = false;
    }

    /** Rereads the file when it changes, or at once when asked. */
    ConfigReload follow(Path file, Function<String, @Nullable String> environment, Collection<Path> read) {
        ConfigReload reload = new ConfigReload(file, environment, read, this);
        reload.start(vertx);
        return reload;
    }

    private synchronized Listener listener() {
        Listener listener = new Listener(Objects.requireNonNull(inEffect));
        listeners.add(listener);
        return listener;
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

    /** One event loop owns the scheduler's timer. */
    private Alarm alarm() {
        Context loop = vertx.getOrCreateContext();
        return (nanos, task) -> loop.runOnContext(now -> vertx
                .setTimer(Math.max(1, Math.ceilDiv(nanos, TimeUnit.MILLISECONDS.toNanos(1))), rung -> task.run()));
    }

    /**
     * Shuts down gracefully: announces that it is leaving, then takes nothing new, then waits for calls in flight,
     * within the grace period.
     */
    Future<Void> drain() {
        drain.leave();
        LOG.info("leaving: {} calls under way, everything is still served for {}", drain.calls(),
                drain.settings().delay());
        Promise<Void> stopped = Promise.promise();
        vertx.timer(Math.max(1, drain.settings().delay().toMillis()), TimeUnit.MILLISECONDS).compose(over -> {
            LOG.info("draining: {} calls under way, at most {}", drain.calls(), drain.settings().grace());
            vertx.setTimer(Math.max(1, drain.settings().grace().toMillis() / 2), half -> drain.refuse());
            Future<Void> late = vertx.timer(Math.max(1, drain.settings().grace().toMillis()), TimeUnit.MILLISECONDS)
                    .mapEmpty();
            return Future.any(drain.close(), late);
        }).onComplete(over -> stop().onComplete(stopped));
        return stopped.future();
    }

    /** Stops at once. */
    public Future<Void> stop() {
        listening = false;
        scheduler.close();
        return opened.close();
    }

    private static Future<Void> sent(Tracing traces) {
        Promise<Void> sent = Promise.promise();
        traces.close(sent::tryComplete);
        return sent.future();
    }

    /** The port that services call. */
    public int port() {
        return listeners.getFirst().port();
    }

    /** The port of the admin listener. */
    public int adminPort() {
        return admin == null ? 0 : admin.port();
    }

    /** Open reservations and permits; 0 at rest. */
    public long outstanding() {
        return outstanding.count();
    }

    /** One line for the log at start-up: what serves whom, and where. */
    String summary() {
        return "listening on port " + port() + " (admin on " + adminPort() + ") for " + config.tenants().size()
                + " tenants, upstream " + config.upstream().baseUrl() + " with accounts "
                + config.accounts().stream().map(entry -> entry.account().name()).collect(Collectors.joining(", "));
    }

    /** The door for the socket that is about to listen; the admin listener opens first. */
    private Door door() {
        return admin == null
                ? new Door(adminConnections, AdminServer.MAX_CONNECTIONS)
                : new Door(connections, config.listen().peers().maxConnectionsPerAddress());
    }

    /** Memory for recording answers while they are relayed, in bytes. */
    private static long recorded(AnswerCache.Settings cache) {
        return Math.max(1, cache.maxSizeBytes() / 4);
    }

    private static Vertx vertx(GatewayMeters meters, Supplier<Door> doors) {
        EnumSet<MetricsDomain> unwanted = EnumSet.allOf(MetricsDomain.class);
        unwanted.remove(MetricsDomain.NAMED_POOLS);
        MicrometerMetricsOptions metrics = new MicrometerMetricsOptions().setEnabled(true);
        unwanted.forEach(metrics::addDisabledMetricsCategory);
        return Vertx.builder().with(new VertxOptions().setMetricsOptions(metrics))
                .withMetrics(new MicrometerMetricsFactory(meters.registry()))
                .withTransport(GuardedTransport.of(doors)).build()
                .exceptionHandler(failure -> LOG.error("an unexpected failure", failure));
    }
}
