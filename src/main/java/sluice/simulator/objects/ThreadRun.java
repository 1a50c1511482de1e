package sluice.simulator.objects;

import sluice.simulator.answers.Prose;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Reply;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.Manner;
import sluice.simulator.wire.Ids;
import sluice.simulator.answers.Call;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * An assistant's turn in a thread.
 *
 * @param keep called with the finished run
 */
record ThreadRun(String thread, String assistant, String model, String prompt, boolean stream,
        Consumer<JsonObject> keep) implements Ask {

    static JsonObject message(String thread, String role, String text, long created) {
        return new JsonObject()
                .put("id", Ids.fresh("msg_"))
                .put("object", "thread.message")
                .put("created_at", created)
                .put("thread_id", thread)
                .put("role", role)
                .put("content", new JsonArray().add(text(text)))
                .put("status", "completed")
                .put("attachments", new JsonArray())
                .put("metadata", new JsonObject());
    }

    private static JsonObject text(String value) {
        return new JsonObject().put("type", "text")
                .put("text", new JsonObject().put("value", value).put("annotations", new JsonArray()));
    }

    @Override
    public long tokensCharged() {
        return Math.max(1, Math.ceilDiv(prompt.length(), 4));
    }

    @Override
    public Reply reply(Manner manner) {
        Prose prose = Prose.answering(prompt, 0, manner.leastWords(), Call.UNBOUNDED);
        JsonObject run = new JsonObject()
                .put("id", Ids.fresh("run_"))
                .put("object", "thread.run")
                .put("created_at", manner.created())
                .put("thread_id", thread)
                .put("assistant_id", assistant)
                .put("model", model);
        JsonObject ended = run.copy().put("status", "completed").put("usage", usage(prose));
        keep.accept(ended);
        return stream
                ? Reply.events(
                        EventSequence.of(events(run.put("status", "queued").putNull("usage"), ended, prose, manner)))
                : Reply.json(ended);
    }

    private JsonObject usage(Prose prose) {
        return new JsonObject()
                .put("prompt_tokens", tokensCharged())
                .put("completion_tokens", prose.tokens())
                .put("total_tokens", tokensCharged() + prose.tokens());
    }

    private List<Buffer> events(JsonObject begun, JsonObject ended, Prose prose, Manner manner) {
        JsonObject message = message(thread, "assistant", prose.text(), manner.created());
        List<Buffer> events = new ArrayList<>();
        events.add(EventSequence.named("thread.run.created", begun));
        events.add(EventSequence.named("thread.run.in_progress", begun.copy().put("status", "in_progress")));
        events.add(EventSequence.named("thread.message.created",
                message.copy().put("status", "in_progress").put("content", new JsonArray())));
        for (int i = 0; i < manner.chunks(); i++) {
            events.add(EventSequence.named("thread.message.delta", new JsonObject()
                    .put("id", message.getString("id"))
                    .put("object", "thread.message.delta")
                    .put("delta", new JsonObject().put("content",
                            new JsonArray().add(text(prose.part(i, manner.chunks())).put("index", 0))))));
        }
        events.add(EventSequence.named("thread.message.completed", message));
        events.add(EventSequence.named("thread.run.completed", ended));
        events.add(Buffer.buffer("event: done\ndata: [DONE]\n\n"));
        return events;
    }
}
