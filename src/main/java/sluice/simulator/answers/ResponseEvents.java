package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import sluice.simulator.wire.EventSequence;

/** The named events of a Responses stream, around the pieces of its text or of its call's arguments. */
public final class ResponseEvents {
    private final Generated answer;
    private final int chunks;
    private final boolean calls;
    private final int before;

    private ResponseEvents(Generated answer, int chunks) {
        this.answer = answer;
        this.chunks = chunks;
        this.calls = answer.call().tool() != null;
        this.before = calls ? 3 : 4;
    }

    static EventSequence of(Generated answer, int chunks) {
        ResponseEvents events = new ResponseEvents(answer, chunks);
        return new EventSequence(events.size(), index -> EventSequence.typed(events.event(index)));
    }

    /** The same events, not wrapped as a stream. */
    public static List<JsonObject> list(Generated answer, int chunks) {
        ResponseEvents events = new ResponseEvents(answer, chunks);
        return IntStream.range(0, events.size()).mapToObj(events::event).toList();
    }

    private int size() {
        return before + chunks + (calls ? 3 : 4);
    }

    private JsonObject event(int index) {
        return shape(index).put("sequence_number", index);
    }

    private JsonObject shape(int index) {
        if (index < before) {
            return opening(index);
        }
        if (index >= before + chunks) {
            return calls ? closingCall(index - before - chunks) : closing(index - before - chunks);
        }
        return piece(index - before);
    }

    private JsonObject piece(int index) {
        Text text = answer.choices().getFirst().text();
        if (calls) {
            return inItem("response.function_call_arguments.delta").put("delta", text.part(index, chunks));
        }
        return inContent("response.output_text.delta").put("delta", text.part(index, chunks)).put("logprobs",
                Logprobs.list(answer.call(), text, text.start(index, chunks), text.start(index + 1, chunks)));
    }

    private JsonObject opening(int index) {
        return switch (index) {
            case 0 -> event("response.created").put("response", ResponseObject.inProgress(answer));
            case 1 -> event("response.in_progress").put("response", ResponseObject.inProgress(answer));
            case 2 -> event("response.output_item.added").put("output_index", 0)
                    .put("item", ResponseObject.openItem(answer));
            default ->
                inContent("response.content_part.added").put("part", ResponseObject.content("", new JsonArray()));
        };
    }

    private JsonObject closing(int index) {
        return switch (index) {
            case 0 -> inContent("response.output_text.done").put("text", answer.choices().getFirst().text().text())
                    .put("logprobs", ResponseObject.logprobs(answer));
            case 1 -> inContent("response.content_part.done").put("part", ResponseObject.finishedContent(answer));
            default -> last(index - 2);
        };
    }

    private JsonObject closingCall(int index) {
        if (index > 0) {
            return last(index - 1);
        }
        JsonObject item = ResponseObject.finishedItem(answer);
        return inItem("response.function_call_arguments.done")
                .put("name", item.getString("name"))
                .put("arguments", item.getString("arguments"));
    }

    private JsonObject last(int index) {
        if (index == 0) {
            return event("response.output_item.done").put("output_index", 0)
                    .put("item", ResponseObject.finishedItem(answer));
        }
        return event(ResponseObject.isComplete(answer) ? "response.completed" : "response.incomplete")
                .put("response", ResponseObject.finished(answer));
    }

    private JsonObject inContent(String type) {
        return inItem(type).put("content_index", 0);
    }

    private JsonObject inItem(String type) {
        return event(type).put("item_id", ResponseObject.itemId(answer)).put("output_index", 0);
    }

    private static JsonObject event(String type) {
        return new JsonObject().put("type", type);
    }
}
