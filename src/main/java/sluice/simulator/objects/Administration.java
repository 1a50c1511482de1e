package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** What an organization sets up for itself: vaults with their credentials, and webhooks. */
final class Administration {
    private static final Kind VAULT = new Kind("vaults", "vault_", "vault",
            asked -> new JsonObject().put("name", asked.getValue("name"))
                    .put("metadata", asked.getValue("metadata", new JsonObject())).put("status", "active"));
    private static final NestedKind CREDENTIAL = new NestedKind(VAULT, "credentials", "vault.credential");
    private static final Kind WEBHOOK = new Kind("webhook_endpoints", "whe_", "webhook_endpoint",
            asked -> new JsonObject().put("name", asked.getValue("name")).put("url", asked.getValue("url"))
                    .put("event_types", asked.getValue("event_types", new JsonArray())));

    private Administration() {}

    static void addTo(Paths paths) {
        VAULT.addTo(paths);
        CREDENTIAL.addTo(paths);
        paths.post(CREDENTIAL.path(), Administration::credential);
        paths.post(CREDENTIAL.path() + "/:item", visit -> Reply.json(CREDENTIAL.found(visit)));
        paths.post(WEBHOOK.path() + "/:id/rotate_secret", visit -> Reply.json(secret(WEBHOOK.found(visit))));
        paths.post(WEBHOOK.path(), visit -> Reply.json(secret(WEBHOOK.create(visit))));
        WEBHOOK.addTo(paths);
    }

    /** What is secret in it is not repeated. */
    private static Reply credential(Visit visit) {
        VAULT.found(visit);
        JsonObject auth = visit.asked().getJsonObject("auth", new JsonObject());
        return Reply.json(CREDENTIAL.put(visit, visit.id(), new JsonObject().put("id", Ids.fresh("cred_"))
                .put("object", "vault.credential").put("vault_id", visit.id()).put("created_at", visit.now())
                .put("updated_at", visit.now()).put("name", visit.asked().getValue("name", ""))
                .put("metadata", new JsonObject())
                .put("auth", new JsonObject().put("type", auth.getValue("type", "bearer")))));
    }

    private static JsonObject secret(JsonObject webhook) {
        return webhook.copy().put("secret", Ids.fresh("whsec_"));
    }
}
