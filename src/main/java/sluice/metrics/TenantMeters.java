package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.DoubleSupplier;
import sluice.openai.Usage;

/** The meters that carry one tenant's name. */
public final class TenantMeters {
    private final MeterRegistry registry;
    private final OwnGauges gauges;
    private final String tenant;
    private final Map<String, Counter> requests = new ConcurrentHashMap<>();
    private final Map<String, Counter> decisions = new ConcurrentHashMap<>();
    private final Map<String, Counter> tokens = new ConcurrentHashMap<>();
    private final Map<String, Counter> cache = new ConcurrentHashMap<>();

    TenantMeters(MeterRegistry registry, String tenant) {
        this.registry = registry;
        this.gauges = new OwnGauges(registry);
        this.tenant = tenant;
    }

    /** A limit has decided; {@code mode} is {@code enforced} or {@code shadow}. */
    public void decision(String limit, boolean granted, String mode) {
        decisions.computeIfAbsent(limit + '/' + granted + '/' + mode, fresh -> Counter.builder("sluice.limit.decisions")
                .description("Decisions of tenants' limits")
                .tags("tenant", tenant, "limit", limit, "decision", granted ? "granted" : "refused", "mode", mode)
                .register(registry)).increment();
    }

    /** The tenant's calls under way, and what is left of its limits, in place of what was watched before. */
    public void watch(DoubleSupplier inFlight, Map<String, DoubleSupplier> remaining) {
        if (tenant.equals(GatewayMeters.OTHER)) {
            return;
        }
        Tags tags = Tags.of("tenant", tenant);
        List<OwnGauges.Shown> shown = new ArrayList<>();
        shown.add(new OwnGauges.Shown("sluice.in.flight", "Calls under way", tags, inFlight));
        remaining.forEach((limit, ratio) -> shown.add(new OwnGauges.Shown("sluice.limit.remaining.ratio",
                "Share of the limit that is left now", tags.and("limit", limit), ratio)));
        gauges.show(shown);
    }

    void watchOnlyIf(boolean present) {
        gauges.showOnlyIf(present);
    }

    void request(Journal journal) {
        requests.computeIfAbsent(journal.endpoint + journal.status + journal.outcome,
                fresh -> Counter.builder("sluice.requests").description("Calls that are over")
                        .tags("tenant", tenant, "endpoint", journal.endpoint, "code", Integer.toString(journal.status),
                                "outcome", journal.outcome.label())
                        .register(registry))
                .increment();
        if (!journal.cache.isEmpty()) {
            cache.computeIfAbsent(journal.cache,
                    fresh -> Counter.builder("sluice.cache.requests").description("Calls by what the cache did")
                            .tags("tenant", tenant, "result", journal.cache).register(registry))
                    .increment();
        }
    }

    void tokens(String model, Usage usage) {
        count(model, "input", usage.input());
        count(model, "output", usage.output());
        count(model, "cached", usage.cached());
    }

    private void count(String model, String kind, long amount) {
        tokens.computeIfAbsent(kind + '/' + model,
                fresh -> Counter.builder("sluice.tokens").description("Tokens used, as the upstream reports them")
                        .tags("tenant", tenant, "model", model, "kind", kind).register(registry))
                .increment((double) amount);
    }
}
