package sluice.metrics;

import com.sun.management.OperatingSystemMXBean;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.prometheus.metrics.model.snapshots.DuplicateLabelsException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import java.util.function.DoubleSupplier;
import sluice.openai.ServiceTier;
import sluice.openai.Usage;
import sluice.price.Cost;

/** All meters of the gateway. They are looked up once and kept; a request only updates them. */
public final class GatewayMeters implements AutoCloseable {

    /**
     * Bounds on the number of series.
     *
     * @param maxTenants how many tenants get their own series; the rest share the name {@code other}
     */
    public record Settings(int maxTenants) {}

    /** The label shared by everything without its own series. */
    public static final String OTHER = "other";

    private static final int MAX_MODELS = 100;
    private static final Duration[] SECONDS = durations(1, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
            30_000, 60_000, 120_000, 300_000, 600_000);
    private static final Duration[] OVERHEAD = micros(50, 100, 200, 300, 500, 750, 1_000, 2_000, 5_000, 10_000, 25_000,
            50_000, 100_000, 500_000, 2_000_000);

    private static final double[] RATIOS = {0.1, 0.25, 0.5, 0.75, 0.9, 1, 1.1, 1.5, 2, 3, 5, 10, 30, 100};

    /** The timers of one endpoint and outcome. */
    private record Timers(Timer request, Timer upstream, Timer firstByte, Timer overhead) {}

    private record Ended(String endpoint, Outcome outcome) {}

    private record Attempt(String account, String code) {}

    private record Message(String store, String kind) {}

    private record ServedBy(String model, String tier) {}

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gc = new JvmGcMetrics();
    private final ByLabels<Ended, Timers> timers = new ByLabels<>(this::timers);
    private final ByLabels<Attempt, Counter> upstream = new ByLabels<>(attempt -> counter("sluice.upstream.requests",
            "Attempts sent upstream, by status or failure", "account", attempt.account(), "code", attempt.code()));
    private final ByLabels<Attempt, Counter> retries = new ByLabels<>(attempt -> counter("sluice.upstream.retries",
            "Retries, by why the previous attempt failed", "account", attempt.account(), "reason",
            attempt.code()));
    private final ByLabels<Message, Counter> messages = new ByLabels<>(message -> counter("sluice.store.messages",
            "Messages to a store", "store", message.store(), "kind", message.kind()));
    private final ByLabels<String, Counter> unpriced = new ByLabels<>(model -> counter("sluice.unpriced.calls",
            "Model calls without a known price", "model", model));
    private final Map<String, TenantMeters> tenants = new ConcurrentHashMap<>();
    private final BoundedNames models = new BoundedNames(MAX_MODELS);
    private final BoundedNames servedModels = new BoundedNames(MAX_MODELS);
    private final ByLabels<ServedBy, Counter> served = new ByLabels<>(by -> counter("sluice.served.calls",
            "Model calls, by the model and service tier that served them", "model", by.model(), "service_tier",
            by.tier()));
    private final LongAdder streams = new LongAdder();
    private final LongAdder waitingForTurn = new LongAdder();
    private final TenantMeters strangers = new TenantMeters(registry, OTHER);
    private final Timer queueWait;
    private final DistributionSummary reserved;
    private final OrganizationMeters organization;
    private final IdentityMeters identity;
    private final SharedAnswerMeters sharedAnswers;
    private final StateGauges state = new StateGauges(registry);
    private final Map<String, OwnGauges> accounts = new ConcurrentHashMap<>();
    private volatile Settings settings;

    /** Registers the meters that exist from the start. */
    public GatewayMeters(Settings settings, String version) {
        this.settings = settings;
        queueWait = timer("sluice.queue.wait", "How long calls waited for upstream quota", Tags.empty(), SECONDS);
        reserved = DistributionSummary.builder("sluice.reserved.ratio")
                .description("Tokens reserved over tokens used, per answer").serviceLevelObjectives(RATIOS)
                .register(registry);
        state.gauge("sluice.streams.active", "Event streams being relayed", Tags.empty(), streams::sum);
        state.gauge("sluice.turn.waiting",
                "Calls to begin, and pieces of large answers and messages, that wait for their turn on an event loop",
                Tags.empty(), waitingForTurn::sum);
        state.gauge("sluice.build.info", "Always 1, labeled with the build",
                Tags.of("version", version, "java", Runtime.version().toString()), () -> 1);
        new JvmMemoryMetrics().bindTo(registry);
        gc.bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ClassLoaderMetrics().bindTo(registry);
        cpuTime();
        organization = new OrganizationMeters(registry);
        identity = new IdentityMeters(registry);
        sharedAnswers = new SharedAnswerMeters(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
    }

    /** Changes the bounds; existing series stay. */
    public void change(Settings changed) {
        settings = changed;
    }

    /** The registry, for Vert.x's own metrics. */
    public PrometheusMeterRegistry registry() {
        return registry;
    }

    /** All metrics in the Prometheus text format; slow with many tenants. */
    public String scrape() {
        try {
            return registry.scrape();
        } catch (DuplicateLabelsException raced) {
            // A series was removed and added back during the scrape, so it was seen twice.
            return registry.scrape();
        }
    }

    /** Lets these models have their own series before any answer names them. */
    public void knowModels(Collection<String> names) {
        names.forEach(models::label);
    }

    /** The meters of a tenant; tenants beyond the configured number share one set. */
    public synchronized TenantMeters tenant(String name) {
        boolean room = tenants.containsKey(name) || tenants.size() < settings.maxTenants();
        return room ? tenants.computeIfAbsent(name, fresh -> new TenantMeters(registry, fresh)) : strangers;
    }

    /** Counts a finished call; without a known tenant, it counts under {@link #OTHER}. */
    public void record(Spent spent) {
        Facts facts = spent.facts();
        Spent.Told told = spent.told();
        Spent.Times times = spent.times();
        TenantMeters known = facts.meters();
        TenantMeters tenant = known == null ? strangers : known;
        tenant.request(spent);
        Timers timers = this.timers.of(new Ended(spent.origin().endpoint(), told.outcome()));
        timers.request().record(times.total(), TimeUnit.NANOSECONDS);
        timers.overhead().record(times.overhead(), TimeUnit.NANOSECONDS);
        if (times.upstream() > 0) {
            timers.upstream().record(times.upstream(), TimeUnit.NANOSECONDS);
        }
        if (times.firstByte() > 0) {
            timers.firstByte().record(times.firstByte(), TimeUnit.NANOSECONDS);
        }
        if (!facts.usageCounted()) {
            used(spent);
        }
    }

    /** Counts what a model call has used and cost. */
    void used(Spent spent) {
        if (spent.told().use() instanceof ModelUse.Nothing) {
            return;
        }
        TenantMeters known = spent.facts().meters();
        TenantMeters tenant = known == null ? strangers : known;
        String asked = spent.facts().model();
        String model = spent.told().status() == 200 ? models.label(asked) : models.known(asked);
        served(spent.facts(), spent.told());
        Usage usage = spent.told().usage();
        if (usage != null) {
            tenant.tokens(model, usage);
        }
        switch (spent.cost()) {
            case Cost.Priced priced -> tenant.cost(model, priced.picodollars());
            case Cost.Unpriced() -> unpriced.of(model).increment();
            case Cost.Nothing() -> {
                // Nothing to count.
            }
        }
    }

    /** Only what the answer says counts, since a caller can ask for any name. */
    private void served(Facts facts, Spent.Told told) {
        ModelUse use = told.use();
        if (told.status() == 200) {
            String tier = use.serviceTier().isEmpty() ? facts.serviceTier() : use.serviceTier();
            served.of(new ServedBy(servedModels.label(use.model().isEmpty() ? facts.model() : use.model()),
                    ServiceTier.label(tier))).increment();
        }
    }

    /** Counts calls, and pieces of what is large, that wait for their turn on an event loop. */
    public LongAdder waitingForTurn() {
        return waitingForTurn;
    }

    /** The gateway's state as a whole. */
    public StateGauges state() {
        return state;
    }

    /** What OpenAI reports about the organization. */
    public OrganizationMeters organization() {
        return organization;
    }

    /** What happens to callers' tokens. */
    public IdentityMeters identity() {
        return identity;
    }

    /** Looks for answers that replicas share. */
    public SharedAnswerMeters sharedAnswers() {
        return sharedAnswers;
    }

    /** Counts an upstream answer by its status, or a failure under a word such as {@code timeout}. */
    public void upstream(String account, String code) {
        upstream.of(new Attempt(account, code)).increment();
    }

    /** Counts a retry. */
    public void retry(String account, String reason) {
        retries.of(new Attempt(account, reason)).increment();
    }

    /** Counts a failed read or write of one of our stores. */
    public void storeError(String store) {
        Counter.builder("sluice.store.errors").description("Failed operations of a store").tags("store", store)
                .register(registry)
                .increment();
    }

    /** Counts a message to one of our stores, by kind. */
    public void storeMessage(String store, String kind) {
        messages.of(new Message(store, kind)).increment();
    }

    /** The tokens reserved for a call, divided by those it used. */
    public void reserved(double ratio) {
        reserved.record(ratio);
    }

    /** A call has stopped waiting for upstream quota. */
    public void waited(long nanos) {
        queueWait.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** A stream of events has started (1) or ended (-1). */
    public void streams(int change) {
        streams.add(change);
    }

    /** The ledger of calls. */
    public void ledger(LedgerMeters.Figures figures) {
        LedgerMeters.register(registry, figures);
    }

    /**
     * Figures of an account.
     *
     * @param cooldown for how many more seconds it is paused
     * @param keys     how many of its keys the upstream has not rejected
     * @param paused   how many of its models get no calls
     * @param shortOf  how many quotas the upstream grants that are used up while the configured limits have room
     * @param end      when its client certificate expires, if it has one
     */
    public record AccountFigures(DoubleSupplier cooldown, DoubleSupplier keys, DoubleSupplier paused,
            DoubleSupplier shortOf, Optional<Instant> end) {}

    /**
     * Replaces the gauges of an account.
     *
     * @param remaining the remaining share of each of its limits
     * @param reasons   why it may be unreachable, and whether each reason applies
     * @param outages   why it may be sent no calls at all, and whether each reason applies
     */
    public void account(String account, Map<String, DoubleSupplier> remaining, AccountFigures figures,
            Map<String, BooleanSupplier> reasons, Map<String, BooleanSupplier> outages) {
        Tags tags = Tags.of("account", account);
        List<OwnGauges.Shown> shown = new ArrayList<>();
        remaining.forEach((limit, ratio) -> shown.add(new OwnGauges.Shown("sluice.account.remaining.ratio",
                "Remaining share of the limit", tags.and("limit", limit), ratio)));
        shown.add(new OwnGauges.Shown("sluice.account.cooldown.seconds", "Time until the account's pause ends",
                tags, figures.cooldown()));
        shown.add(new OwnGauges.Shown("sluice.account.keys", "Keys of the account in service", tags,
                figures.keys()));
        shown.add(new OwnGauges.Shown("sluice.account.paused.models", "Paused models of the account", tags,
                figures.paused()));
        shown.add(new OwnGauges.Shown("sluice.account.quotas.short",
                "Quotas of the upstream that are used up while the configured limits have room", tags,
                figures.shortOf()));
        figures.end().ifPresent(end -> shown.add(new OwnGauges.Shown(
                "sluice.account.certificate.not.after.timestamp.seconds",
                "When the account's client certificate expires",
                tags, end::getEpochSecond)));
        reasons.forEach((reason, holds) -> shown.add(new OwnGauges.Shown("sluice.account.unreachable",
                "1 while the account is unreachable for this reason, else 0", tags.and("reason", reason),
                () -> holds.getAsBoolean() ? 1 : 0)));
        outages.forEach((reason, holds) -> shown.add(new OwnGauges.Shown("sluice.account.out.of.service",
                "1 while the account is sent no calls for this reason, else 0", tags.and("reason", reason),
                () -> holds.getAsBoolean() ? 1 : 0)));
        accounts.computeIfAbsent(account, fresh -> new OwnGauges(registry)).show(shown);
    }

    /** Drops the gauges of all other accounts and tenants; their counters stay. */
    public void retain(Collection<String> accountNames, Collection<String> tenantNames) {
        accounts.forEach((name, gauges) -> gauges.showOnlyIf(accountNames.contains(name)));
        tenants.forEach((name, meters) -> meters.watchOnlyIf(tenantNames.contains(name)));
    }

    @Override
    public void close() {
        gc.close();
        registry.close();
    }

    /** Named as in Prometheus' own client libraries. */
    private void cpuTime() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        FunctionCounter.builder("process.cpu", system, each -> each.getProcessCpuTime() / 1e9).baseUnit("seconds")
                .description("CPU time used by the process").register(registry);
    }

    private Timers timers(Ended ended) {
        Tags tags = Tags.of("endpoint", ended.endpoint(), "outcome", ended.outcome().label());
        return new Timers(timer("sluice.request", "Arrival to last byte", tags, SECONDS),
                timer("sluice.upstream", "Sending upstream to last byte", tags, SECONDS),
                timer("sluice.first.byte", "Arrival to the answer's head", tags, SECONDS),
                timer("sluice.overhead", "Time spent in the gateway itself", tags, OVERHEAD));
    }

    private Counter counter(String name, String description, String... labels) {
        return Counter.builder(name).description(description).tags(labels).register(registry);
    }

    private Timer timer(String name, String description, Tags tags, Duration[] bounds) {
        return Timer.builder(name).description(description).tags(tags).serviceLevelObjectives(bounds)
                .register(registry);
    }

    private static Duration[] durations(long... millis) {
        return Arrays.stream(millis).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    }

    private static Duration[] micros(long... micros) {
        return Arrays.stream(micros).mapToObj(each -> Duration.ofNanos(each * 1000)).toArray(Duration[]::new);
    }
}
