package sluice.admin;

import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.managed.InForce;

/** The plans of the configuration in effect, which a tenant may be given. */
final class PlansResource {
    private final InForce inForce;

    PlansResource(InForce inForce) {
        this.inForce = inForce;
    }

    Future<Reply> list(AdminCall call) {
        call.knows();
        JsonArray plans = new JsonArray();
        inForce.declarations().plans().forEach((name, settings) -> plans
                .add(new JsonObject().put("object", "plan").put("name", name).put("settings", settings)));
        return Future.succeededFuture(Reply.json(new JsonObject().put("object", "list").put("data", plans)
                .put("has_more", false).putNull("next_cursor")));
    }
}
