package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/** Stored responses: read, streamed again, cancelled, deleted. */
final class StoredResponses {
    private StoredResponses() {}

    static void addTo(Paths paths) {
        paths.get("responses/:id", StoredResponses::get);
        paths.delete("responses/:id", StoredResponses::delete);
        paths.post("responses/:id/cancel", StoredResponses::cancel);
        paths.get("responses/:id/input_items", StoredResponses::inputItems);
    }

    private static KeptResponse found(Visit visit) {
        return visit.stored().responses().find(visit.id())
                .orElseThrow(() -> new BadCall(ApiError.notFound("Response", visit.id())));
    }

    /** The response or, with {@code stream=true}, its events after the one numbered {@code starting_after}. */
    private static Reply get(Visit visit) {
        KeptResponse response = found(visit);
        if (!"true".equals(visit.query().get("stream"))) {
            return Reply.json(response.object());
        }
        String after = Optional.ofNullable(visit.query().get("starting_after")).orElse("-1");
        if (!after.matches("-1|[0-9]{1,9}")) {
            throw new BadCall(ApiError.invalid("Invalid 'starting_after'.", "starting_after", "invalid_type"));
        }
        return Reply.events(response.events().from(Integer.parseInt(after) + 1));
    }

    private static Reply delete(Visit visit) {
        found(visit);
        visit.stored().responses().remove(visit.id());
        return Reply.deleted("response", visit.id());
    }

    private static Reply cancel(Visit visit) {
        KeptResponse response = found(visit);
        if (!response.answer().call().background()) {
            throw new BadCall(ApiError.invalid("Only background responses can be cancelled.", null, null));
        }
        KeptResponse cancelled = new KeptResponse(response.answer(), response.chunks(), true);
        visit.stored().responses().put(visit.id(), cancelled, visit.weight());
        return Reply.json(cancelled.object());
    }

    private static Reply inputItems(Visit visit) {
        Object input = found(visit).answer().call().body().getValue("input");
        List<JsonObject> items = new ArrayList<>();
        JsonArray all = input instanceof JsonArray array ? array : new JsonArray().add(message(input));
        for (Object item : all) {
            JsonObject stored = ((JsonObject) item).copy();
            items.add(stored.put("id", "msg_" + visit.id() + "_" + items.size())
                    .put("type", stored.getString("type", "message")));
        }
        return Reply.json(Listing.of(items.reversed(), visit.query()));
    }

    private static JsonObject message(Object text) {
        JsonObject content = new JsonObject().put("type", "input_text").put("text", text);
        return new JsonObject().put("role", "user").put("status", "completed")
                .put("content", new JsonArray().add(content));
    }
}
