package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import sluice.cluster.Inquiries;
import sluice.explain.LimitsLeft;
import sluice.managed.InForce;
import sluice.managed.KnownTenant;
import sluice.tenancy.Tenancy;
import sluice.tenancy.TenantDirectory;

/** What remains of the limits and budgets of tenants, as all replicas know it. */
final class LimitsResource {
    private static final String TOPIC = "limits";
    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,63}");
    /** Tenants that one question to the other replicas may name. */
    private static final int MOST_ASKED = 250;

    private final InForce inForce;
    private final TenantDirectory directory;
    private final Fleet fleet;
    private final Work work;

    LimitsResource(InForce inForce, TenantDirectory directory, Fleet fleet, Work work) {
        this.work = work;
        this.inForce = inForce;
        this.directory = directory;
        this.fleet = fleet;
        fleet.answers(TOPIC, question -> here(question.getJsonArray("tenants")));
    }

    Future<Reply> list(AdminCall call) {
        call.knows("tenant", "limit", "cursor");
        Page page = Page.of(call, NAME);
        Optional<String> asked = call.tenantAsked();
        Optional<String> only = call.onlyTenant().or(() -> asked);
        only.filter(name -> inForce.tenant(name).isEmpty()).ifPresent(name -> {
            throw Fault.absent("tenant", name);
        });
        Stream<String> names = only.map(Stream::of).orElseGet(
                () -> inForce.tenantsAfter(page.after()).values().stream().map(KnownTenant::name));
        return work.reckon(call, () -> names.flatMap(name -> directory.named(name).stream()).limit(page.limit() + 1L)
                .toList()).compose(found -> answer(call, page, found));
    }

    private Future<Reply> answer(AdminCall call, Page page, List<Tenancy> found) {
        JsonArray names = new JsonArray();
        found.stream().limit(Math.min(page.limit(), MOST_ASKED)).forEach(each -> names.add(each.tenant().name()));
        return fleet.ask(TOPIC, new JsonObject().put("tenants", names))
                .compose(heard -> work.reckon(call, () -> answer(page, found, heard)));
    }

    private static Reply answer(Page page, List<Tenancy> found, Fleet.Heard heard) {
        Map<String, JsonArray> byTenant = byTenant(heard);
        return page.reply(found.stream(), tenancy -> shown(tenancy, byTenant), tenancy -> tenancy.tenant().name(),
                new JsonObject().put("complete", heard.whole())
                        .put("replicas", heard.json(said -> new JsonObject())));
    }

    private static JsonObject shown(Tenancy tenancy, Map<String, JsonArray> byTenant) {
        JsonArray everywhere = byTenant.getOrDefault(tenancy.tenant().name(), new JsonArray());
        return LimitsLeft.of(tenancy).put("in_flight", everywhere.isEmpty()
                ? tenancy.inFlight().count()
                : everywhere.stream().mapToInt(each -> ((JsonObject) each).getInteger("in_flight")).sum())
                .put("by_replica", everywhere);
    }

    /** As many of them as fit into one answer. */
    private JsonObject here(JsonArray tenants) {
        JsonArray rows = new JsonArray();
        int length = 0;
        for (Object name : tenants) {
            Optional<Tenancy> tenancy = directory.named(String.valueOf(name));
            if (tenancy.isPresent()) {
                JsonObject row = here(tenancy.get());
                length += row.encode().length() + 1;
                if (length > Inquiries.LONGEST_ANSWER / 2) {
                    break;
                }
                rows.add(row);
            }
        }
        return new JsonObject().put("tenants", rows);
    }

    private static JsonObject here(Tenancy tenancy) {
        JsonObject remaining = new JsonObject();
        tenancy.quota().levels().forEach((name, level) -> remaining.put(name, level.remaining()));
        return new JsonObject().put("tenant", tenancy.tenant().name()).put("in_flight", tenancy.inFlight().count())
                .put("remaining", remaining);
    }

    private static Map<String, JsonArray> byTenant(Fleet.Heard heard) {
        Map<String, JsonArray> byTenant = new HashMap<>();
        for (Fleet.Voice voice : heard.voices()) {
            voice.said().stream().flatMap(said -> said.getJsonArray("tenants").stream()).map(JsonObject.class::cast)
                    .forEach(row -> byTenant.computeIfAbsent(row.getString("tenant"), first -> new JsonArray())
                            .add(new JsonObject().put("replica", voice.replica())
                                    .put("in_flight", row.getInteger("in_flight"))
                                    .put("remaining", row.getJsonObject("remaining"))));
        }
        return byTenant;
    }
}
