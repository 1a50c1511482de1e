package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Reply;

/** Alerts and cases of misuse, of which webhooks tell. Those of any id exist. */
final class Safety {

    private Safety() {}

    static void addTo(Paths paths) {
        paths.get("safety/alerts/:id", visit -> Reply.json(new JsonObject().put("id", visit.id())
                .put("object", "safety.alert").put("created_at", visit.now()).put("error_type", "other")
                .put("model", "gpt-4o").put("request_id", "req_of_" + visit.id())
                .put("response_id", "resp_of_" + visit.id()).put("request_paused", false)));
        paths.get("safety/cases/:id", visit -> Reply.json(new JsonObject().put("id", visit.id())
                .put("object", "safety.case").put("created_at", visit.now()).put("entity_identifier", "simulator")
                .put("notice", new JsonObject().put("type", "warning"))));
    }
}
