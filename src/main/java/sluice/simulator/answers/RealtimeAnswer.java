package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import sluice.simulator.wire.Ids;

/**
 * An answer in a realtime session, as text and as audio.
 *
 * @param prompt everything the session has heard
 */
public record RealtimeAnswer(String model, String prompt, String id, int chunks) implements Cost {

    @Override
    public long tokensCharged() {
        return Math.max(1, Math.ceilDiv(prompt.length(), 4));
    }

    /** From {@code response.created} to {@code response.done}. */
    public List<JsonObject> events() {
        Prose prose = Prose.answering(prompt, 0, chunks, Call.UNBOUNDED);
        List<JsonObject> events = new ArrayList<>();
        events.add(event("response.created").put("response", response("in_progress").putNull("usage")));
        events.add(inResponse("response.output_item.added").put("item", item("in_progress", new JsonArray())));
        for (int i = 0; i < chunks; i++) {
            String part = prose.part(i, chunks);
            events.add(inContent("response.output_text.delta").put("delta", part));
            events.add(inContent("response.output_audio.delta").put("delta",
                    Base64.getEncoder().encodeToString(part.getBytes(StandardCharsets.UTF_8))));
        }
        events.add(inContent("response.output_text.done").put("text", prose.text()));
        events.add(inContent("response.output_audio.done"));
        JsonObject item = item("completed",
                new JsonArray().add(new JsonObject().put("type", "output_text").put("text", prose.text())));
        events.add(inResponse("response.output_item.done").put("item", item));
        events.add(event("response.done").put("response", response("completed")
                .put("output", new JsonArray().add(item)).put("usage", usage(prose))));
        return events;
    }

    /** The end of a cancelled response. */
    public static JsonObject cancelled(String id) {
        return event("response.done").put("response", new JsonObject().put("id", id)
                .put("object", "realtime.response").put("status", "cancelled").put("output", new JsonArray()));
    }

    private JsonObject response(String status) {
        return new JsonObject().put("id", id).put("object", "realtime.response").put("status", status)
                .put("output", new JsonArray());
    }

    private JsonObject item(String status, JsonArray content) {
        return new JsonObject().put("id", itemId()).put("object", "realtime.item").put("type", "message")
                .put("status", status).put("role", "assistant").put("content", content);
    }

    private String itemId() {
        return id.replace("resp_", "item_");
    }

    private JsonObject usage(Prose prose) {
        return new JsonObject()
                .put("total_tokens", tokensCharged() + prose.tokens())
                .put("input_tokens", tokensCharged())
                .put("output_tokens", prose.tokens())
                .put("input_token_details",
                        new JsonObject().put("text_tokens", tokensCharged()).put("audio_tokens", 0)
                                .put("cached_tokens", 0))
                .put("output_token_details",
                        new JsonObject().put("text_tokens", prose.tokens()).put("audio_tokens", 0));
    }

    private JsonObject inResponse(String type) {
        return event(type).put("response_id", id).put("output_index", 0);
    }

    private JsonObject inContent(String type) {
        return inResponse(type).put("item_id", itemId()).put("content_index", 0);
    }

    private static JsonObject event(String type) {
        return new JsonObject().put("type", type).put("event_id", Ids.fresh("event_"));
    }
}
