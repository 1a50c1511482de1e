package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Reply;

/** The keys and the storage of other clouds that an organization lets the API use. All of them work. */
final class ExternalResources {
    private static final Kind KEY = new Kind("organization/external_keys", "extkey_", "organization.external_key",
            asked -> asked.copy().put("api_project_ids", new JsonArray()).put("workspace_id", "ws_simulator"));
    private static final Kind STORAGE = new Kind("organization/external_storage", "extstore_",
            "organization.external_storage", asked -> new JsonObject().put("project_id", asked.getValue("project_id"))
                    .put("geography", "us").put("status", "pending").put("provider", provider(asked)));

    private ExternalResources() {}

    static void addTo(Paths paths) {
        KEY.addReads(paths);
        paths.post(KEY.path(), visit -> Reply.json(KEY.create(visit)));
        paths.post(KEY.path() + "/:id/validate", visit -> {
            KEY.found(visit);
            return Reply.json(new JsonObject().put("status", "valid"));
        });
        paths.delete(KEY.path() + "/:id", ExternalResources::deleted);
        STORAGE.addReads(paths);
        paths.post(STORAGE.path(), visit -> Reply.json(STORAGE.create(visit)));
        paths.post(STORAGE.path() + "/:id/validate", visit -> STORAGE.become(visit, "validated"));
        paths.delete(STORAGE.path() + "/:id", STORAGE::delete);
    }

    /** Unlike other objects, a key that is deleted is shown once more. */
    private static Reply deleted(Visit visit) {
        JsonObject key = KEY.found(visit);
        KEY.delete(visit);
        return Reply.json(key);
    }

    /** What the API finds out by itself is added. */
    private static JsonObject provider(JsonObject asked) {
        return new JsonObject().put("region", "us-east-1").put("account_id", "000000000000")
                .put("external_id", "external").put("audience", "simulator")
                .mergeIn(asked.getJsonObject("provider", new JsonObject()));
    }
}
