package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** The subagents of sessions. An agent that may have any hands every turn to a new one, which says the same. */
final class Subagents {
    private static final NestedKind SUBAGENT = new NestedKind(AgentSessions.SESSION, "subagents",
            "agent.session.subagent");
    /** What belongs to a subagent is kept by its session's id and its own. */
    private static final NestedKind TURN = new NestedKind(AgentSessions.SESSION, "subagents/turns",
            "agent.session.turn");
    private static final NestedKind ITEM = new NestedKind(AgentSessions.SESSION, "subagents/items", "message");

    private Subagents() {}

    static void addTo(Paths paths) {
        String one = SUBAGENT.path() + "/:item";
        paths.get(SUBAGENT.path(), SUBAGENT::list);
        paths.get(one, visit -> Reply.json(SUBAGENT.found(visit)));
        paths.get(one + "/items", visit -> page(visit, ITEM.all(visit, key(visit))));
        paths.get(one + "/turns", visit -> page(visit, TURN.all(visit, key(visit))));
        paths.get(one + "/turns/:turn", visit -> Reply.json(turn(visit)));
        paths.get(one + "/turns/:turn/items", Subagents::itemsOfTurn);
    }

    /** Hands a turn of a session to a subagent, if its agent may have any. */
    static void delegate(Visit visit, JsonObject session, JsonObject turn, List<JsonObject> items) {
        JsonObject agent = session.getJsonObject("agent");
        if (!Boolean.TRUE.equals(agent.getJsonObject("multi_agent").getValue("enabled"))) {
            return;
        }
        String id = Ids.fresh("subagent_");
        SUBAGENT.put(visit, session.getString("id"), new JsonObject().put("id", id)
                .put("object", "agent.session.subagent").put("session_id", session.getString("id"))
                .put("parent_agent_id", agent.getString("id")).put("status", "closed")
                .put("opened_at", visit.now()).put("closed_at", visit.now()));
        String own = session.getString("id") + "/" + id;
        String ofItsOwn = Ids.fresh("turn_");
        TURN.put(visit, own, turn.copy().put("id", ofItsOwn).put("subagent_id", id));
        items.forEach(item -> ITEM.put(visit, own,
                item.copy().put("id", Ids.fresh("msg_")).put("turn_id", ofItsOwn)));
    }

    private static String key(Visit visit) {
        return visit.id() + "/" + visit.param("item");
    }

    private static Reply page(Visit visit, List<JsonObject> all) {
        SUBAGENT.found(visit);
        return Reply.json(Listing.of(all, visit.query()));
    }

    private static JsonObject turn(Visit visit) {
        SUBAGENT.found(visit);
        return TURN.all(visit, key(visit)).stream()
                .filter(turn -> visit.param("turn").equals(turn.getString("id"))).findFirst()
                .orElseThrow(() -> new BadCall(ApiError.notFound("agent.session.turn", visit.param("turn"))));
    }

    private static Reply itemsOfTurn(Visit visit) {
        String id = turn(visit).getString("id");
        return page(visit, ITEM.all(visit, key(visit)).stream().filter(item -> id.equals(item.getString("turn_id")))
                .toList());
    }
}
