package sluice.cli;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.account.AccountBook;
import sluice.account.AccountEntry;
import sluice.account.LiveAccount;
import sluice.admin.AccountTroubles;
import sluice.admin.BaseUrl;
import sluice.admin.CachePurges;
import sluice.admin.Operations;
import sluice.admin.QueueView;
import sluice.admin.ThisReplica;
import sluice.admin.Trouble;
import sluice.admin.Trouble.What;
import sluice.admin.Troubles;
import sluice.admin.UsageView;
import sluice.cache.AnswerCache;
import sluice.cache.AnsweredCalls;
import sluice.cache.Flights;
import sluice.calls.CallLedger;
import sluice.calls.CallTable;
import sluice.calls.RecentCalls;
import sluice.calls.UsageReports;
import sluice.cluster.Cluster;
import sluice.config.GatewayConfig;
import sluice.edge.Services;
import sluice.explain.Explainer;
import sluice.identity.Identities;
import sluice.isolation.Bulkhead;
import sluice.isolation.Shared;
import sluice.ledger.DayLimits;
import sluice.ledger.Ledger;
import sluice.managed.Start;
import sluice.metrics.GatewayMeters;
import sluice.metrics.Recorder;
import sluice.metrics.Spent;
import sluice.metrics.StateGauges;
import sluice.metrics.Tariff;
import sluice.metrics.Tracing;
import sluice.net.ClientTrust;
import sluice.net.Drain;
import sluice.openai.ModelGlob;
import sluice.organization.Oversight;
import sluice.owners.Owners;
import sluice.proxy.Purse;
import sluice.proxy.owned.Ownership;
import sluice.quota.AnswerLengths;
import sluice.quota.Outstanding;
import sluice.schedule.Alarm;
import sluice.schedule.Capacity;
import sluice.schedule.Lane;
import sluice.schedule.Scheduler;
import sluice.schedule.Share;
import sluice.tenancy.TenantBook;
import sluice.time.Time;
import sluice.upstream.RetryBudget;
import sluice.upstream.UpstreamClient;

/**
 * What the request path of a gateway builds on, wired by hand from its configuration. It is built once and lives as
 * long as the gateway; a new configuration changes it.
 */
final class Capabilities {
    /** Any tenant may use any account, and any account serve any model, so there is one pool. */
    private static final String POOL = "default";

    private final ProcessMemory memory;
    private final ClientTrust trust;
    private final Time time;
    private final Troubles troubles;
    private final Vertx vertx;
    private final GatewayMeters meters;
    private final Outstanding outstanding = new Outstanding();
    private final AnswerLengths lengths;
    private final Drain drain;
    private final Doors doors;
    private final Bulkhead bodies;
    private final Bulkhead recordings;
    private final UpstreamClient.Places places = new UpstreamClient.Places(new Shared("upstream-connections"),
            new Shared("websockets"));
    private final AnswerCache cache;
    private final CachePurges purges;
    private final AnsweredCalls answered;
    private final Bulkhead continued;
    private final SharedByReplicas shared;
    private final Flights flights;
    private final Tracing tracing;
    private final Optional<CallLedger> calls;
    private final Tariff tariff;
    private final RecentCalls recent;
    private final Recorder recorder;
    private final UsageReports usage;
    private final DayLimits dayLimits;
    private final Optional<Cluster> cluster;
    private final Managed managed;
    private final AccountBook accounts;
    private final TenantBook tenants;
    private final Identities identities;
    private final Scheduler scheduler;
    private final Explainer explainer;
    private final Ledger ledger;
    private final CallTable callTable;
    private final Owners owners;
    private volatile RetryBudget retries;

    /**
     * Opens everything.
     *
     * @param trust    judges client certificates
     * @param troubles where what goes wrong is shown
     * @param opened   collects what must be closed, as soon as it is open
     */
    Capabilities(GatewayConfig config, ClientTrust trust, Troubles troubles, Time time, Opened opened)
            throws IOException {
        this.trust = trust;
        this.time = time;
        this.troubles = troubles;
        this.meters = opened.add(new GatewayMeters(config.metrics(), Main.version()), ended -> {
            ended.close();
            return Future.succeededFuture();
        });
        LedgerSigns signs = new LedgerSigns(meters, troubles);
        this.ledger = opened.add(new Ledger(config.ledger(), config.startWait(), signs), Capabilities::closed);
        if (config.keepsCalls()) {
            // Before everything else, since it takes longest.
            ledger.openAhead();
        }
        this.memory = ProcessMemory.measured();
        this.drain = new Drain(config.drain());
        this.doors = new Doors(config, OpenFiles.allowed());
        this.bodies = Bulkhead.of("held-bodies", config.listen().maxHeldBodyBytes());
        AnswerCache.Settings cached = memory.fit(config.cache(), config.idempotency().maxSizeBytes());
        this.recordings = Bulkhead.of("recordings", recorded(cached, config.idempotency()));
        this.cache = new AnswerCache(cached, time);
        this.answered = new AnsweredCalls(config.idempotency(), cached.maxEntryBytes(), time);
        this.continued = Bulkhead.of("continued-calls", config.idempotency().maxContinued());
        this.flights = new Flights(cached.joins());
        this.retries = new RetryBudget(config.retries().budget());
        this.lengths = new AnswerLengths(meters::reserved);
        this.tracing = opened.add(Tracing.open(config.traces(), Main.version(), time), Capabilities::sent);
        this.vertx = opened.add(EventLoops.open(meters, doors), Vertx::close);
        Optional<CallLedger> calls = config.keepsCalls()
                ? Optional.of(new CallLedger(ledger, config.calls(), signs, time))
                : Optional.empty();
        calls.ifPresent(kept -> opened.add(kept, CallLedger::stop));
        this.calls = calls;
        this.tariff = new Tariff(config.pricesAsOf(today()));
        this.recent = new RecentCalls(time);
        this.recorder = new Recorder(tariff, meters,
                calls.<Consumer<Spent>>map(kept -> kept::over).orElse(Recorder.NO_LEDGER).andThen(recent::over));
        this.usage = opened.add(new UsageReports(vertx, calls.map(kept -> ledger),
                () -> calls.map(CallLedger::behindSeconds).orElse(0.0)), UsageReports::close);
        Start start = Managed.read(config, ledger);
        boolean daily = config.hasDailyLimits() || start.hasTenants();
        this.dayLimits = opened.add(DayLimits.open(ledger, daily && !start.fromDisk(), time),
                levels -> levels.stop(vertx));
        this.cluster = config.redis().map(
                redis -> opened.add(new Cluster(vertx, redis,
                        new StoreMeters(meters, "redis", troubles.sign(What.STORE_DOWN)), time), Cluster::close));
        this.shared = opened.add(new SharedByReplicas(vertx, config, cluster, cache, answered, meters, troubles, time),
                SharedByReplicas::close);
        this.purges = new CachePurges(vertx, cache, shared.tiers().prompts(), cluster.map(Cluster::notices));
        this.accounts = new AccountBook(POOL, cluster, dayLimits, meters, time);
        this.tenants = new TenantBook(cluster, dayLimits, meters, outstanding, time);
        this.managed = opened.add(new Managed(config, vertx, ledger, start, tenants, dayLimits,
                cluster.map(Cluster::notices), time), Managed::stop);
        this.identities = opened.add(new Identities(vertx, meters.identity(), time), ending -> {
            ending.close();
            return Future.succeededFuture();
        });
        changeTenants(config);
        this.scheduler = new Scheduler(config.queue(),
                List.<Capacity>copyOf(accounts.change(config.accounts(), config.breaker())), time, alarm(),
                meters::waited);
        accounts.join(scheduler);
        this.explainer = new Explainer(scheduler, lengths, tariff, cache, time);
        this.callTable = new CallTable(ledger);
        this.owners = opened.add(new Owners(vertx, ledger, time), Owners::stop);
        meter(config);
    }

    private void meter(GatewayConfig config) {
        knowModels(config);
        calls.ifPresent(meters::ledger);
        StateGauges state = meters.state();
        state.cacheBytes(cache::bytes);
        state.cacheFollowers(flights::followers);
        state.continuedCalls(continued::used);
        state.heldBodyBytes(bodies::used);
        state.connections(doors.connections()::used);
        state.owners(owners::waiting, owners::lost);
        state.outstanding(outstanding::count);
        Stream.concat(
                Stream.of(doors.connections(), doors.admin(), bodies, recordings, continued).map(Bulkhead::shared),
                Stream.of(places.lines(), places.sockets(), scheduler.shared(), cache.shared(), answered.shared(),
                        shared.shared(), usage.shared(), identities.shared()))
                .forEach(state::shared);
        for (Lane lane : Lane.values()) {
            state.queueWaiting(POOL, lane.key(), () -> scheduler.waiting(lane));
        }
        state.ledgerWorks(ledger::works);
        cluster.ifPresent(joined -> state.cluster(joined.onLoss(), joined::reachable, joined::replicas, joined::held));
    }

    /** Starts the background work; completes when calls can be taken. */
    Future<Void> start() {
        dayLimits.start(vertx);
        calls.ifPresent(CallLedger::start);
        managed.start();
        owners.start();
        return Future.join(cluster.map(Cluster::start).orElse(Future.succeededFuture()), shared.start()).mapEmpty();
    }

    /** What event loops use while this configuration is in effect and these accounts may be called. */
    Services services(GatewayConfig config, List<AccountEntry> entries) {
        return new Services(config.listen(), config.upstream(),
                entries.stream().map(AccountEntry::account).toList(), tenants.directory(),
                identities, managed.revocation().revocations(), scheduler, accounts.of(entries),
                config.retries().attempts(), retries,
                cache, answered, flights, shared.tiers(), places, bodies, recordings, doors.connections(), continued,
                trust, drain,
                config.redis().map(redis -> redis.timeout().multipliedBy(2)).orElse(Duration.ZERO), meters,
                recorder, lengths, new Purse(tariff, config.budgets().unpriced()), tracing, usage, explainer,
                ownership(config), time);
    }

    private Ownership ownership(GatewayConfig config) {
        return new Ownership(owners, tenants.directory(), config.accounts().stream()
                .filter(AccountEntry::sharedObjects).map(entry -> entry.account().name()).collect(Collectors.toSet()),
                config.keepsCalls());
    }

    /**
     * Opens what another configuration needs; blocks on file access.
     *
     * @throws IOException if it cannot be opened
     */
    void prepare(GatewayConfig next) throws IOException {
        if (next.hasDailyLimits()) {
            dayLimits.need();
        }
    }

    /** Applies another configuration, except its tenants. */
    void change(GatewayConfig before, GatewayConfig next) {
        if (next.retries().budget() != before.retries().budget()) {
            retries = new RetryBudget(next.retries().budget());
        }
        drain.change(next.drain());
        if (!next.cache().equals(before.cache()) || !next.idempotency().equals(before.idempotency())) {
            AnswerCache.Settings kept = memory.fit(next.cache(), next.idempotency().maxSizeBytes());
            cache.change(kept);
            answered.change(next.idempotency(), kept.maxEntryBytes());
            continued.change(next.idempotency().maxContinued());
            flights.change(kept.joins());
            recordings.change(recorded(kept, next.idempotency()));
        }
        meters.change(next.metrics());
        tariff.change(next.pricesAsOf(today()));
        knowModels(next);
        scheduler.reload(next.queue(), () -> {
            List<Capacity> all = List.copyOf(accounts.change(next.accounts(), next.breaker()));
            accounts.join(scheduler);
            return all;
        }, next.tenants().stream().map(tenant -> new Share(tenant.name(), tenant.standing().weight())).toList());
        meters.retain(next.accounts().stream().map(entry -> entry.account().name()).toList(), managed.names(next));
    }

    /**
     * Starts comparing limits and costs with what OpenAI reports.
     *
     * @param inEffect the configuration
     * @param again    applies it again, since limits that it follows have changed
     * @return stops comparing
     */
    Runnable oversee(Supplier<GatewayConfig> inEffect, Supplier<Future<Void>> again) {
        Oversight.View view = new Oversight.View(() -> inEffect.get().adminKey(), () -> inEffect.get().upstream(),
                () -> inEffect.get().accounts(), usage::costOf);
        return new Oversight(view, new Findings(meters, accounts, inEffect, again), time).start(vertx);
    }

    /** Applies the tenants of another configuration, and the identities that name them. */
    void changeTenants(GatewayConfig next) {
        managed.declare(next);
        identities.change(next.identity());
    }

    /** Ends all waiting. */
    void close() {
        scheduler.close();
    }

    Vertx vertx() {
        return vertx;
    }

    GatewayMeters meters() {
        return meters;
    }

    Doors doors() {
        return doors;
    }

    Drain drain() {
        return drain;
    }

    Managed managed() {
        return managed;
    }

    Owners owners() {
        return owners;
    }

    /** What the admin API shows of a gateway with the configuration in effect. */
    Operations.Views views(Supplier<GatewayConfig> inEffect, Supplier<BaseUrl> baseUrl) {
        Supplier<List<LiveAccount>> serving = () -> List.copyOf(accounts.of(inEffect.get().accounts()).values());
        troubles.add(new AccountTroubles(serving, time));
        troubles.add(() -> identities.unread()
                .map(unread -> new Trouble(What.ISSUER_KEYS_UNREAD, unread.since(), unread.told())));
        return new Operations.Views(baseUrl, () -> inEffect.get().effective().yaml(), new QueueView(scheduler, serving),
                new UsageView(usage, time), callTable, recent, troubles, tenants.directory(), explainer, cache, purges,
                (yaml, back) -> Replayed.beside(inEffect.get(), ledger, yaml, back, time.now()), this::replica,
                cluster.map(Cluster::inquiries));
    }

    private ThisReplica replica() {
        return new ThisReplica(cluster.map(Cluster::name).orElse("alone"));
    }

    /** Open reservations and permits; 0 at rest. */
    long outstanding() {
        return outstanding.count();
    }

    private LocalDate today() {
        return LocalDate.ofInstant(time.now(), ZoneOffset.UTC);
    }

    /** The models that get labels of their own. */
    private void knowModels(GatewayConfig config) {
        meters.knowModels(config.tenants().stream().flatMap(tenant -> tenant.models().stream())
                .filter(ModelGlob::isLiteral).map(ModelGlob::pattern).toList());
    }

    /** One event loop owns the scheduler's timer. */
    private Alarm alarm() {
        Context loop = vertx.getOrCreateContext();
        return (nanos, task) -> loop.runOnContext(now -> vertx
                .setTimer(Math.max(1, Math.ceilDiv(nanos, TimeUnit.MILLISECONDS.toNanos(1))), rung -> task.run()));
    }

    /** Not on a thread of Vert.x, which is closed by then. */
    private static Future<Void> closed(Ledger ledger) {
        Promise<Void> closed = Promise.promise();
        Thread.ofPlatform().name("ledger-close").start(() -> {
            ledger.close();
            closed.complete();
        });
        return closed.future();
    }

    private static Future<Void> sent(Tracing traces) {
        Promise<Void> sent = Promise.promise();
        traces.close(sent::tryComplete);
        return sent.future();
    }

    /** Memory for recording answers while they are relayed, in bytes. */
    private static long recorded(AnswerCache.Settings cache, AnsweredCalls.Settings idempotency) {
        return Math.max(1, (cache.maxSizeBytes() + idempotency.maxSizeBytes()) / 4);
    }
}
