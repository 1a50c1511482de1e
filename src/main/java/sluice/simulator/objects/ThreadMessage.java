package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.simulator.answers.Parameters;
import sluice.simulator.wire.Ids;

/** The messages of threads. */
final class ThreadMessage {

    private ThreadMessage() {}

    /** One that the user adds. */
    static JsonObject added(String thread, JsonObject asked, long created) {
        JsonArray content = new JsonArray();
        if (Parameters.required(asked, "content") instanceof JsonArray parts) {
            parts.forEach(part -> content.add(stored(part)));
        } else {
            content.add(text(String.valueOf(asked.getValue("content"))));
        }
        return message(thread, String.valueOf(Parameters.required(asked, "role")), content, created)
                .putNull("assistant_id").putNull("run_id")
                .put("attachments", asked.getValue("attachments", new JsonArray()))
                .put("metadata", asked.getValue("metadata", new JsonObject()));
    }

    /** One that a run leaves. */
    static JsonObject answered(JsonObject run, String text, long created) {
        return message(run.getString("thread_id"), "assistant", new JsonArray().add(text(text)), created)
                .put("assistant_id", run.getValue("assistant_id")).put("run_id", run.getValue("id"))
                .put("attachments", new JsonArray())
                .put("metadata", new JsonObject());
    }

    private static JsonObject message(String thread, String role, JsonArray content, long created) {
        return new JsonObject()
                .put("id", Ids.fresh("msg_"))
                .put("object", "thread.message")
                .put("created_at", created)
                .put("thread_id", thread)
                .put("status", "completed")
                .putNull("incomplete_details")
                .put("completed_at", created)
                .putNull("incomplete_at")
                .put("role", role)
                .put("content", content);
    }

    /** A part as it is given back: a text with its annotations, anything else as it came. */
    private static Object stored(Object part) {
        return part instanceof JsonObject object && object.getValue("text") instanceof String words
                ? text(words)
                : part;
    }

    static JsonObject text(String value) {
        return new JsonObject().put("type", "text")
                .put("text", new JsonObject().put("value", value).put("annotations", new JsonArray()));
    }

    /** The words of a message. */
    static String words(JsonObject message) {
        return message.getJsonArray("content").stream().map(ThreadMessage::wordsOf).collect(Collectors.joining());
    }

    private static String wordsOf(@Nullable Object part) {
        return part instanceof JsonObject object && object.getValue("text") instanceof JsonObject text
                ? text.getString("value")
                : "";
    }
}
