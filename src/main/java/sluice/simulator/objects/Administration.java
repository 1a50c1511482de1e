package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** What an organization sets up for itself: vaults with their credentials, and webhooks, which are never called. */
final class Administration {
    private static final Kind VAULT = new Kind("vaults", "vault_", "vault",
            asked -> new JsonObject().put("name", asked.getValue("name"))
                    .put("metadata", asked.getValue("metadata", new JsonObject())).put("status", "active"));
    private static final NestedKind CREDENTIAL = new NestedKind(VAULT, "credentials", "vault.credential");
    private static final Kind WEBHOOK = new Kind("webhook_endpoints", "whe_", "webhook_endpoint",
            asked -> new JsonObject().put("name", asked.getValue("name")).put("url", asked.getValue("url"))
                    .put("event_types", asked.getValue("event_types", new JsonArray())));
    private static final JsonArray EVENT_TYPES = new JsonArray(List.of("batch.completed", "live.call.incoming",
            "realtime.call.incoming", "response.completed"));
    /** What may be seen of the ways to prove who one is. */
    private static final List<String> SHOWN = List.of("type", "mcp_server_url", "secret_name", "networking");

    private Administration() {}

    static void addTo(Paths paths) {
        VAULT.addTo(paths);
        CREDENTIAL.addTo(paths);
        paths.post(CREDENTIAL.path(), Administration::credential);
        paths.post(CREDENTIAL.path() + "/:item", Administration::changed);
        paths.post(WEBHOOK.path() + "/:id/rotate_secret", visit -> Reply.json(secret(WEBHOOK.found(visit))));
        paths.post(WEBHOOK.path() + "/:id/test", Administration::test);
        paths.post(WEBHOOK.path(), visit -> Reply.json(secret(WEBHOOK.create(visit))));
        WEBHOOK.addTo(paths);
        paths.get("webhook_event_types",
                visit -> Reply.json(new JsonObject().put("object", "list").put("data", EVENT_TYPES)));
    }

    /** What is secret in it is not repeated. */
    private static Reply credential(Visit visit) {
        VAULT.found(visit);
        JsonObject auth = visit.asked().getJsonObject("auth", new JsonObject());
        JsonObject shown = new JsonObject();
        SHOWN.stream().filter(auth::containsKey).forEach(name -> shown.put(name, auth.getValue(name)));
        return Reply.json(CREDENTIAL.put(visit, visit.id(), new JsonObject().put("id", Ids.fresh("cred_"))
                .put("object", "vault.credential").put("vault_id", visit.id()).put("created_at", visit.now())
                .put("updated_at", visit.now()).put("name", visit.asked().getValue("name", ""))
                .put("metadata", visit.asked().getValue("metadata", new JsonObject())).put("auth", shown)));
    }

    /** Secrets may have been replaced, which is not seen. */
    private static Reply changed(Visit visit) {
        JsonObject credential = CREDENTIAL.found(visit).put("updated_at", visit.now());
        JsonObject metadata = visit.asked().getJsonObject("metadata", credential.getJsonObject("metadata"));
        return Reply.json(credential.put("metadata", metadata));
    }

    private static JsonObject secret(JsonObject webhook) {
        return webhook.copy().put("signing_secret", Ids.fresh("whsec_"));
    }

    private static Reply test(Visit visit) {
        return Reply.json(new JsonObject().put("object", "webhook_endpoint.test")
                .put("webhook_endpoint_id", WEBHOOK.found(visit).getString("id"))
                .put("event_type", visit.required("event_type")).put("status_code", 200).put("success", true));
    }
}
