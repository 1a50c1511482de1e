package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Reply;

/** What is set for a project: the service tiers it may use, and what its keys may do. Projects and keys of any id exist. */
final class ProjectSettings {
    private static final String PROJECT = "organization/projects/:id";
    private static final String TIERS = "service_tier_settings";

    private ProjectSettings() {}

    static void addTo(Paths paths) {
        paths.get(PROJECT + "/" + TIERS, visit -> Reply.json(tiers(visit)));
        paths.post(PROJECT + "/" + TIERS, ProjectSettings::changed);
        paths.post(PROJECT + "/api_keys/:item", ProjectSettings::key);
    }

    private static JsonObject tiers(Visit visit) {
        return visit.stored().shelf(TIERS).find(visit.id()).orElseGet(() -> new JsonObject()
                .put("object", "project.service_tier_settings").put("default", "standard").put("enabled_tiers", "all"));
    }

    private static Reply changed(Visit visit) {
        JsonObject tiers = tiers(visit).mergeIn(visit.asked());
        visit.stored().shelf(TIERS).put(visit.id(), tiers, visit.weight());
        return Reply.json(tiers);
    }

    private static Reply key(Visit visit) {
        return Reply.json(new JsonObject().put("object", "organization.project.api_key")
                .put("id", visit.param("item")).put("name", "key").put("created_at", visit.now())
                .put("redacted_value", "sk-...simulated").put("owner_project_access", "active")
                .put("owner", new JsonObject().put("type", "service_account"))
                .mergeIn(visit.asked()));
    }
}
