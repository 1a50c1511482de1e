package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Issuers of tokens that an organization trusts, and the rules by which their tokens become service accounts. */
final class WorkloadIdentities {
    private static final Kind PROVIDER = new Kind("organization/workload_identity_providers", "wip_",
            "organization.workload_identity_provider",
            asked -> new JsonObject().put("attribute_transformations", new JsonArray()).putNull("description")
                    .put("enabled", true).put("verification", new JsonObject().put("type", "discovery"))
                    .put("updated_at", 0).mergeIn(asked));
    private static final NestedKind RULE = new NestedKind(PROVIDER, "federation_rules",
            "organization.workload_identity_federation_rule");

    private WorkloadIdentities() {}

    static void addTo(Paths paths) {
        PROVIDER.addTo(paths);
        RULE.addTo(paths);
        paths.post(RULE.path(), WorkloadIdentities::rule);
        paths.post(RULE.path() + "/:item", RULE::change);
    }

    private static Reply rule(Visit visit) {
        PROVIDER.found(visit);
        return Reply.json(RULE.put(visit, visit.id(), new JsonObject().put("id", Ids.fresh("wifr_"))
                .put("object", RULE.object()).put("created_at", visit.now()).put("updated_at", visit.now())
                .put("workload_identity_provider_id", visit.id()).put("enabled", true)
                .put("permissions", new JsonObject().put("type", "service_account_default"))
                .mergeIn(visit.asked())));
    }
}
