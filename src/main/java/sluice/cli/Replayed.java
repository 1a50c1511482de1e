package sluice.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.admin.Rehearsing;
import sluice.calls.PastCall;
import sluice.calls.PastCalls;
import sluice.calls.PastUse;
import sluice.config.ConfigReader;
import sluice.config.GatewayConfig;
import sluice.yaml.InvalidConfig;
import sluice.config.TenantDeclarations;
import sluice.ledger.Ledger;
import sluice.managed.Declarations;
import sluice.managed.ManagedTenant;
import sluice.managed.Start;
import sluice.quota.Budget;
import sluice.rehearsal.Before;
import sluice.rehearsal.Rehearsal;
import sluice.rehearsal.Rehearsed;
import sluice.tenancy.Tenant;

/**
 * Recent calls, replayed against the limits of another configuration.
 *
 * @param from     calls that arrived earlier only use up limits
 * @param warnings about managed tenants that do not fit the configuration
 */
record Replayed(Instant from, Instant to, List<Rehearsed> tenants, List<String> warnings) {
    static final Duration LONGEST = Duration.ofDays(2);
    /** Limits of a minute are as they were by then. */
    private static final Duration WARM_UP = Duration.ofMinutes(2);
    /** In a process that has calls to serve meanwhile. */
    private static final int MOST_BESIDE_OTHERS = 100_000;

    Replayed {
        tenants = List.copyOf(tenants);
        warnings = List.copyOf(warnings);
    }

    /**
     * Replays them. Blocks.
     *
     * @param ledger where the calls are
     * @param to     now
     * @param most   calls that are held in memory
     * @throws Rehearsing.Unusable if there are more
     */
    static Replayed of(GatewayConfig changed, Ledger ledger, Duration back, Instant to, int most)
            throws IOException, Rehearsing.Unusable {
        PastCalls past = new PastCalls(ledger);
        Instant from = to.minus(back);
        Instant start = from.minus(WARM_UP).truncatedTo(ChronoUnit.HOURS);
        List<PastCall> calls = past.between(start, to, most);
        if (calls.size() > most) {
            throw new Rehearsing.Unusable("There are more than " + most + " calls since " + start
                    + ": look back less far.");
        }
        List<String> warnings = new ArrayList<>();
        Rehearsal rehearsal = new Rehearsal(tenants(changed, ledger, warnings), changed.budgets().rules(),
                changed.budgets().unpriced(), changed.cache().hitsCount(), start, before(changed, past, start));
        return new Replayed(from, to, rehearsal.run(calls, from), warnings);
    }

    /** As the admin API of a running gateway does it. */
    static JsonObject beside(GatewayConfig inEffect, Ledger ledger, String yaml, Duration back, Instant to)
            throws IOException, Rehearsing.Unusable {
        if (!inEffect.keepsCalls()) {
            throw new Rehearsing.Unusable(NOT_SHARED);
        }
        try {
            return of(ConfigReader.parseOffline(yaml), ledger, back, to, MOST_BESIDE_OTHERS).json();
        } catch (InvalidConfig mistakes) {
            throw new Rehearsing.Unusable(String.valueOf(mistakes.getMessage()));
        }
    }

    static final String NOT_SHARED = "There is no ledger of all replicas' calls: with redis.url, ledger.url must be a "
            + "PostgreSQL database.";

    private static Before before(GatewayConfig changed, PastCalls past, Instant start) throws IOException {
        Map<Budget.Period, List<PastUse>> spent = new EnumMap<>(Budget.Period.class);
        for (Budget.Period period : Budget.Period.values()) {
            spent.put(period, past.used(period.beginning(start, changed.budgets().rules().zone()), start));
        }
        return new Before(past.used(start.minus(Duration.ofDays(1)), start), spent);
    }

    /** Those that the file declares, and the managed ones as it would resolve their plans. */
    private static List<Tenant> tenants(GatewayConfig changed, Ledger ledger, List<String> warnings)
            throws IOException {
        List<Tenant> tenants = new ArrayList<>(changed.tenants());
        TenantDeclarations declarations = new TenantDeclarations(changed);
        for (ManagedTenant managed : Start.read(ledger, true, Optional.empty()).known().tenants()) {
            if (declarations.place(managed.name()).isEmpty()) {
                try {
                    tenants.add(declarations.read(managed.name(), managed.settings()));
                } catch (Declarations.Unfit unfit) {
                    warnings.add("the managed tenant " + managed.name() + " does not fit this configuration: "
                            + unfit.getMessage());
                }
            }
        }
        return tenants;
    }

    long calls() {
        return tenants.stream().mapToLong(Rehearsed::calls).sum();
    }

    long estimated() {
        return tenants.stream().mapToLong(Rehearsed::estimated).sum();
    }

    JsonObject json() {
        JsonArray all = new JsonArray();
        tenants.forEach(each -> {
            JsonArray by = new JsonArray();
            each.by().forEach((limit, refusals) -> by.add(new JsonObject().put("limit", limit)
                    .put("calls", refusals.calls()).put("first", new JsonArray(refusals.first()))));
            all.add(new JsonObject().put("tenant", each.tenant()).put("known", each.known())
                    .put("shadow", each.shadow()).put("calls", each.calls()).put("refused_then", each.refusedThen())
                    .put("refused", each.refused()).put("newly_refused", each.newly())
                    .put("no_longer_refused", each.relieved()).put("estimated", each.estimated()).put("by", by));
        });
        return new JsonObject().put("object", "dry_run").put("from", from.toString()).put("to", to.toString())
                .put("calls", calls()).put("estimated", estimated()).put("warnings", new JsonArray(warnings))
                .put("tenants", all);
    }

    /** For a terminal. */
    String text(String file) {
        StringBuilder text = new StringBuilder().append("%d calls from %s to %s, replayed under %s%n".formatted(calls(),
                from.truncatedTo(ChronoUnit.SECONDS), to.truncatedTo(ChronoUnit.SECONDS), file));
        if (calls() == 0) {
            return text.append("Nothing to replay: the ledger has no calls of that time.\n").toString();
        }
        text.append(row("tenant", "calls", "refused then", "refused now", "of these new", "first calls"));
        for (Rehearsed each : tenants) {
            text.append(row(each.tenant() + (each.shadow() ? " (shadow)" : ""), each.calls(), each.refusedThen(),
                    each.refused(), each.newly(), ""));
            each.by().forEach((limit, refusals) -> text.append(row("  by " + limit, "", "", refusals.calls(), "",
                    String.join(", ", refusals.first()))));
        }
        return text.append("""

                Estimated: what %d calls would have used, most of them since they were refused then: as much as their \
                tenant's others of the model.
                A call is taken to reserve what it used, and a refused one not to be sent again. Budgets of tags begin \
                at 0.
                As they were: waiting for the accounts' quota, answers from the cache, prices.
                """.formatted(estimated())).toString();
    }

    private static String row(String name, Object calls, Object then, Object now, Object fresh, String first) {
        return "%-32s %10s %13s %12s %13s  %s".formatted(name, calls, then, now, fresh, first).stripTrailing() + "\n";
    }
}
