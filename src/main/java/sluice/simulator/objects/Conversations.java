package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Conversations and their items. */
final class Conversations {
    private static final Kind CONVERSATION = new Kind("conversations", "conv_", "conversation",
            asked -> new JsonObject().put("metadata", asked.getValue("metadata", new JsonObject())));
    private static final NestedKind ITEM = new NestedKind(CONVERSATION, "items", "conversation.item");

    private Conversations() {}

    static void addTo(Paths paths) {
        paths.post("conversations", Conversations::create);
        CONVERSATION.addTo(paths);
        ITEM.addTo(paths);
        paths.post(ITEM.path(), Conversations::addAll);
    }

    private static Reply create(Visit visit) {
        JsonObject conversation = CONVERSATION.create(visit);
        add(visit, conversation.getString("id"));
        return Reply.json(conversation);
    }

    private static Reply addAll(Visit visit) {
        CONVERSATION.found(visit);
        return Reply.json(Listing.of(add(visit, visit.id()).reversed(), visit.query()));
    }

    private static List<JsonObject> add(Visit visit, String conversation) {
        List<JsonObject> added = new ArrayList<>();
        for (Object item : visit.asked().getJsonArray("items", new JsonArray())) {
            JsonObject kept = ((JsonObject) item).copy().put("id", Ids.fresh("msg_")).put("status", "completed");
            added.add(ITEM.put(visit, conversation, kept.put("type", kept.getString("type", "message"))));
        }
        return added;
    }
}
