package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/** Stored chat completions. */
final class StoredChats {
    static final String SHELF = "chat/completions";
    private static final String MESSAGES = "request_messages";

    private StoredChats() {}

    static void addTo(Paths paths) {
        paths.get(SHELF, StoredChats::list);
        paths.get(SHELF + "/:id", visit -> Reply.json(shown(found(visit))));
        paths.post(SHELF + "/:id", StoredChats::change);
        paths.delete(SHELF + "/:id", StoredChats::delete);
        paths.get(SHELF + "/:id/messages", StoredChats::messages);
    }

    private static JsonObject found(Visit visit) {
        return visit.stored().shelf(SHELF).find(visit.id())
                .orElseThrow(() -> new BadCall(ApiError.notFound("chat completion", visit.id())));
    }

    private static JsonObject shown(JsonObject kept) {
        JsonObject shown = kept.copy();
        shown.remove(MESSAGES);
        return shown;
    }

    private static Reply list(Visit visit) {
        String model = visit.query().get("model");
        List<JsonObject> chats = visit.stored().shelf(SHELF).all("").stream()
                .filter(chat -> model == null || model.equals(chat.getString("model"))).map(StoredChats::shown)
                .toList();
        return Reply.json(Listing.of(chats, visit.query()));
    }

    private static Reply change(Visit visit) {
        return Reply.json(shown(found(visit).put("metadata", visit.asked().getValue("metadata"))));
    }

    private static Reply delete(Visit visit) {
        found(visit);
        visit.stored().shelf(SHELF).remove(visit.id());
        return Reply.deleted("chat.completion.deleted", visit.id());
    }

    private static Reply messages(Visit visit) {
        List<JsonObject> messages = new ArrayList<>();
        for (Object message : found(visit).getJsonArray(MESSAGES, new JsonArray())) {
            messages.add(((JsonObject) message).copy().put("id", visit.id() + "-" + messages.size())
                    .putNull("name").putNull("content_parts"));
        }
        return Reply.json(Listing.of(messages.reversed(), visit.query()));
    }
}
