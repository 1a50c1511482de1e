package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import sluice.metrics.Journal.Outcome;
import sluice.openai.Usage;

/** The meters that carry one tenant's name. */
public final class TenantMeters {
    private final MeterRegistry registry;
    private final OwnGauges gauges;
    private final String tenant;
    private final Counters<Ended> requests;
    private final Counters<Decision> decisions;
    private final Counters<Tokens> tokens;
    private final Counters<String> cache;

    private record Ended(String endpoint, int status, Outcome outcome) {}

    private record Decision(String limit, boolean granted, String mode) {}

    private record Tokens(String model, String kind) {}

    TenantMeters(MeterRegistry registry, String tenant) {
        this.registry = registry;
        this.gauges = new OwnGauges(registry);
        this.tenant = tenant;
        this.requests = new Counters<>(ended -> counter("sluice.requests", "Calls that are over", "endpoint",
                ended.endpoint(), "code", Integer.toString(ended.status()), "outcome", ended.outcome().label()));
        this.decisions = new Counters<>(decision -> counter("sluice.limit.decisions", "Decisions of tenants' limits",
                "limit", decision.limit(), "decision", decision.granted() ? "granted" : "refused", "mode",
                decision.mode()));
        this.tokens = new Counters<>(used -> counter("sluice.tokens", "Tokens used, as the upstream reports them",
                "model", used.model(), "kind", used.kind()));
        this.cache = new Counters<>(
                result -> counter("sluice.cache.requests", "Calls by what the cache did", "result", result));
    }

    private Counter counter(String name, String description, String... labels) {
        return Counter.builder(name).description(description).tag("tenant", tenant).tags(labels).register(registry);
    }

    /** A limit has decided; {@code mode} is {@code enforced} or {@code shadow}. */
    public void decision(String limit, boolean granted, String mode) {
        decisions.of(new Decision(limit, granted, mode)).increment();
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
        requests.of(new Ended(journal.endpoint, journal.status, journal.outcome)).increment();
        if (!journal.cache.isEmpty()) {
            cache.of(journal.cache).increment();
        }
    }

    void tokens(String model, Usage usage) {
        count(model, "input", usage.input());
        count(model, "output", usage.output());
        count(model, "cached", usage.cached());
    }

    private void count(String model, String kind, long amount) {
        tokens.of(new Tokens(model, kind)).increment((double) amount);
    }
}
