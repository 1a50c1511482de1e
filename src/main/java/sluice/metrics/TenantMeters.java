package sluice.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import sluice.openai.Usage;
import sluice.price.Cost;

/** The meters labeled with one tenant's name. */
public final class TenantMeters {
    private final MeterRegistry registry;
    private final OwnGauges gauges;
    private final String tenant;
    private final ByLabels<Ended, Counter> requests;
    private final ByLabels<Decision, Counter> decisions;
    private final ByLabels<String, Tokens> tokens;
    private final ByLabels<String, Counter> costs;
    private final ByLabels<String, Counter> cache;
    private final ByLabels<String, Saved> saved;

    private record Ended(String endpoint, int status, Outcome outcome) {}

    private record Decision(String limit, boolean granted, String mode) {}

    /** The token counters of one model, by kind. */
    private record Tokens(Counter input, Counter output, Counter cached) {}

    /** What one kind of answer from the cache has saved. */
    private record Saved(Counter dollars, Counter input, Counter output, Counter bytes) {}

    TenantMeters(MeterRegistry registry, String tenant) {
        this.registry = registry;
        this.gauges = new OwnGauges(registry);
        this.tenant = tenant;
        this.requests = new ByLabels<>(ended -> counter("sluice.requests", "Finished calls", "endpoint",
                ended.endpoint(), "code", Integer.toString(ended.status()), "outcome", ended.outcome().label()));
        this.decisions = new ByLabels<>(decision -> counter("sluice.limit.decisions", "Decisions of tenants' limits",
                "limit", decision.limit(), "decision", decision.granted() ? "granted" : "refused", "mode",
                decision.mode()));
        this.tokens = new ByLabels<>(
                model -> new Tokens(tokens(model, "input"), tokens(model, "output"), tokens(model, "cached")));
        this.costs = new ByLabels<>(
                model -> counter("sluice.cost.usd", "Cost of model calls, by the price list", "model", model));
        this.cache = new ByLabels<>(
                result -> counter("sluice.cache.requests", "Calls by cache result", "result", result));
        this.saved = new ByLabels<>(result -> new Saved(
                counter("sluice.cache.saved.usd", "What answers from the cache would have cost", "result", result),
                savedTokens(result, "input"), savedTokens(result, "output"),
                counter("sluice.cache.served.bytes", "Bytes of answers from the cache", "result", result)));
    }

    private Counter savedTokens(String result, String kind) {
        return counter("sluice.cache.saved.tokens", "Tokens that answers from the cache would have used", "result",
                result, "kind", kind);
    }

    private Counter counter(String name, String description, String... labels) {
        return Counter.builder(name).description(description).tag("tenant", tenant).tags(labels).register(registry);
    }

    /** Counts a limit's decision; {@code mode} is {@code enforced} or {@code shadow}. */
    public void decision(String limit, boolean granted, String mode) {
        decisions.of(new Decision(limit, granted, mode)).increment();
    }

    /**
     * Replaces the gauges of the tenant.
     *
     * @param inFlight  the tenant's calls in flight
     * @param remaining the remaining share of each of its limits, by name
     * @param keyEnds   when those of its keys that expire do so, by key id
     */
    public void watch(DoubleSupplier inFlight, Map<String, DoubleSupplier> remaining, Map<String, Instant> keyEnds) {
        if (tenant.equals(GatewayMeters.OTHER)) {
            return;
        }
        Tags tags = Tags.of("tenant", tenant);
        List<OwnGauges.Shown> shown = new ArrayList<>();
        shown.add(new OwnGauges.Shown("sluice.in.flight", "Calls in flight", tags, inFlight));
        remaining.forEach((limit, ratio) -> shown.add(new OwnGauges.Shown("sluice.limit.remaining.ratio",
                "Remaining share of the limit", tags.and("limit", limit), ratio)));
        keyEnds.forEach((id, end) -> shown.add(new OwnGauges.Shown("sluice.key.not.after.timestamp.seconds",
                "When the key expires", tags.and("key_id", id), end::getEpochSecond)));
        gauges.show(shown);
    }

    void watchOnlyIf(boolean present) {
        gauges.showOnlyIf(present);
    }

    void request(Spent spent) {
        requests.of(new Ended(spent.origin().endpoint(), spent.told().status(), spent.told().outcome())).increment();
        String did = spent.facts().cache();
        if (!did.isEmpty()) {
            cache.of(did).increment();
        }
        if (Facts.isReuse(did)) {
            saved(saved.of(did), spent);
        }
    }

    private static void saved(Saved saved, Spent spent) {
        saved.bytes().increment((double) spent.told().bytes());
        saved.dollars().increment((double) spent.saved().picodollars() / Cost.PER_DOLLAR);
        Usage usage = spent.facts().saved().usage();
        if (usage != null) {
            saved.input().increment((double) usage.input());
            saved.output().increment((double) usage.output());
        }
    }

    void tokens(String model, Usage usage) {
        Tokens of = tokens.of(model);
        of.input().increment((double) usage.input());
        of.output().increment((double) usage.output());
        of.cached().increment((double) usage.cached());
    }

    void cost(String model, long picodollars) {
        costs.of(model).increment((double) picodollars / Cost.PER_DOLLAR);
    }

    private Counter tokens(String model, String kind) {
        return counter("sluice.tokens", "Tokens used, as the upstream reports them", "model", model, "kind", kind);
    }
}
