package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;

/** The queues and accounts of all replicas, added up and one by one. */
final class QueueResource {
    static final String TOPIC = "queue";

    private final Fleet fleet;

    QueueResource(Fleet fleet, QueueView view) {
        this.fleet = fleet;
        fleet.answers(TOPIC, question -> view.json());
    }

    Future<Reply> queue(AdminCall call) {
        call.knows();
        return fleet.ask(TOPIC, new JsonObject()).map(heard -> Reply.json(new JsonObject()
                .put("waiting", heard.said().mapToInt(said -> said.getInteger("waiting")).sum())
                .put("tenants", tenants(heard)).put("accounts", accounts(heard))
                .put("complete", heard.whole()).put("replicas", heard.json(said -> said))));
    }

    Future<Reply> accounts(AdminCall call) {
        call.knows();
        return fleet.ask(TOPIC, new JsonObject()).map(heard -> Reply.json(new JsonObject().put("object", "list")
                .put("data", accounts(heard)).put("has_more", false).putNull("next_cursor")
                .put("complete", heard.whole())
                .put("replicas", heard.json(said -> new JsonObject().put("accounts", said.getJsonArray("accounts"))))));
    }

    /** Who waits longest comes first. */
    static JsonArray tenants(Fleet.Heard heard) {
        List<JsonObject> all = new ArrayList<>(merged(heard.said(), "tenants", List.of("tenant"),
                (one, other) -> one.copy()
                        .put("interactive", one.getInteger("interactive") + other.getInteger("interactive"))
                        .put("batch", one.getInteger("batch") + other.getInteger("batch"))
                        .put("oldest_wait_ms", Math.max(one.getLong("oldest_wait_ms"), other.getLong("oldest_wait_ms")))
                        .put("fair_share_lead", Math.max(one.getDouble("fair_share_lead"),
                                other.getDouble("fair_share_lead")))));
        all.sort(Comparator.comparing((JsonObject tenant) -> tenant.getLong("oldest_wait_ms")).reversed());
        return new JsonArray(all);
    }

    /** Calls in flight add up; everything else is the worst that any replica reports. */
    static JsonArray accounts(Fleet.Heard heard) {
        return new JsonArray(new ArrayList<>(merged(heard.said(), "accounts", List.of("account"), (one, other) -> {
            JsonObject paused = longerPaused(one, other);
            return new JsonObject().put("account", one.getString("account"))
                    .put("in_flight", one.getInteger("in_flight") + other.getInteger("in_flight"))
                    .put("paused_for", paused.getString("paused_for"))
                    .put("paused_seconds", paused.getDouble("paused_seconds"))
                    .put("unreachable", (one.getValue("unreachable") == null ? other : one).getString("unreachable"))
                    .put("paused_models", models(one, other))
                    .put("keys_in_service", Math.min(one.getInteger("keys_in_service"),
                            other.getInteger("keys_in_service")))
                    .put("remaining", least(one.getJsonObject("remaining"), other.getJsonObject("remaining")));
        })));
    }

    private static JsonArray models(JsonObject one, JsonObject other) {
        return new JsonArray(new ArrayList<>(merged(Stream.of(one, other), "paused_models",
                List.of("model", "service_tier"), QueueResource::longerPaused)));
    }

    private static JsonObject longerPaused(JsonObject one, JsonObject other) {
        return one.getDouble("paused_seconds") >= other.getDouble("paused_seconds") ? one : other;
    }

    private static JsonObject least(JsonObject one, JsonObject other) {
        JsonObject least = one.copy();
        for (String limit : other.fieldNames()) {
            least.put(limit, Math.min(other.getDouble(limit), least.getDouble(limit, 1.0)));
        }
        return least;
    }

    /** What replicas list under the same names, each merged into one. */
    static Collection<JsonObject> merged(Stream<JsonObject> all, String list, List<String> names,
            BinaryOperator<JsonObject> merge) {
        return merged(all.flatMap(said -> said.getJsonArray(list).stream()).map(JsonObject.class::cast), names, merge);
    }

    /** Items that have the same names, each merged into one. */
    static Collection<JsonObject> merged(Stream<JsonObject> items, List<String> names,
            BinaryOperator<JsonObject> merge) {
        Map<List<String>, JsonObject> byName = new LinkedHashMap<>();
        items.forEach(item -> byName.merge(names.stream().map(item::getString).toList(), item, merge));
        return byName.values();
    }
}
