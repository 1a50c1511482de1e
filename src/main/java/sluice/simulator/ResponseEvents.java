package sluice.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The named events of a Responses stream, around its pieces of text. */
final class ResponseEvents {
    private static final int BEFORE = 4;
    private static final int AFTER = 4;

    private final Generated answer;
    private final int chunks;

    private ResponseEvents(Generated answer, int chunks) {
        this.answer = answer;
        this.chunks = chunks;
    }

    static EventSequence of(Generated answer, int chunks) {
        ResponseEvents events = new ResponseEvents(answer, chunks);
        return new EventSequence(BEFORE + chunks + AFTER, events::event);
    }

    private String event(int index) {
        JsonObject event = shape(index).put("sequence_number", index);
        return "event: " + event.getString("type") + "\ndata: " + event.encode() + "\n\n";
    }

    private JsonObject shape(int index) {
        if (index >= BEFORE && index < BEFORE + chunks) {
            return inContent("response.output_text.delta")
                    .put("delta", answer.choices().getFirst().prose().part(index - BEFORE, chunks))
                    .put("logprobs", new JsonArray());
        }
        return index < BEFORE ? opening(index) : closing(index - BEFORE - chunks);
    }

    private JsonObject opening(int index) {
        return switch (index) {
            case 0 -> event("response.created").put("response", ResponseObject.inProgress(answer));
            case 1 -> event("response.in_progress").put("response", ResponseObject.inProgress(answer));
            case 2 -> event("response.output_item.added").put("output_index", 0)
                    .put("item", ResponseObject.openMessage(answer));
            default -> inContent("response.content_part.added").put("part", ResponseObject.content(""));
        };
    }

    private JsonObject closing(int index) {
        String text = answer.choices().getFirst().prose().text();
        return switch (index) {
            case 0 -> inContent("response.output_text.done").put("text", text).put("logprobs", new JsonArray());
            case 1 -> inContent("response.content_part.done").put("part", ResponseObject.content(text));
            case 2 -> event("response.output_item.done").put("output_index", 0)
                    .put("item", ResponseObject.finishedMessage(answer));
            default -> event(ResponseObject.isComplete(answer) ? "response.completed" : "response.incomplete")
                    .put("response", ResponseObject.finished(answer));
        };
    }

    private JsonObject inContent(String type) {
        return event(type)
                .put("item_id", ResponseObject.messageId(answer))
                .put("output_index", 0)
                .put("content_index", 0);
    }

    private static JsonObject event(String type) {
        return new JsonObject().put("type", type);
    }
}
