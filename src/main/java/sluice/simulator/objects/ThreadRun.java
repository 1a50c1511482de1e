package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.Call;
import sluice.simulator.answers.Manner;
import sluice.simulator.answers.Prose;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/**
 * An assistant's turn in a thread.
 *
 * @param asked  the run as its request describes it
 * @param prompt everything that is said in the thread
 * @param keep   called with the finished run and the message that it leaves
 */
record ThreadRun(String thread, JsonObject assistant, String model, JsonObject asked, String prompt, boolean stream,
        BiConsumer<JsonObject, JsonObject> keep) implements Ask {

    @Override
    public long tokensCharged() {
        return Math.max(1, Math.ceilDiv(prompt.length(), 4));
    }

    @Override
    public Reply reply(Manner manner) {
        Prose prose = Prose.answering(prompt, 0, manner.leastWords(), Call.UNBOUNDED);
        JsonObject begun = begun(manner.created());
        JsonObject ended = begun.copy().put("status", "completed").put("started_at", manner.created())
                .putNull("expires_at").put("completed_at", manner.created()).put("usage", usage(prose));
        JsonObject message = ThreadMessage.answered(ended, prose.text(), manner.created());
        keep.accept(ended, message);
        return stream
                ? Reply.events(EventSequence.of(events(begun, ended, message, prose, manner)))
                : Reply.json(ended);
    }

    private JsonObject begun(long created) {
        JsonObject run = new JsonObject()
                .put("id", Ids.fresh("run_"))
                .put("object", "thread.run")
                .put("created_at", created)
                .put("thread_id", thread)
                .put("assistant_id", assistant.getString("id"))
                .put("status", "queued")
                .put("expires_at", created + 600)
                .put("model", model)
                .put("instructions", of("instructions", ""))
                .put("tools", of("tools", new JsonArray()))
                .put("metadata", asked.getValue("metadata", new JsonObject()))
                .put("tool_choice", asked.getValue("tool_choice", "auto"))
                .put("response_format", of("response_format", "auto"))
                .put("parallel_tool_calls", asked.getValue("parallel_tool_calls", true))
                .put("truncation_strategy", new JsonObject().put("type", "auto").putNull("last_messages"))
                .put("max_prompt_tokens", asked.getValue("max_prompt_tokens"))
                .put("max_completion_tokens", asked.getValue("max_completion_tokens"));
        for (String none : List.of("started_at", "cancelled_at", "failed_at", "completed_at", "last_error",
                "required_action", "incomplete_details", "usage")) {
            run.putNull(none);
        }
        return run;
    }

    /** What the run asks for, else the assistant. */
    private Object of(String name, Object ifAbsent) {
        return asked.getValue(name, assistant.getValue(name, ifAbsent));
    }

    private JsonObject usage(Prose prose) {
        return new JsonObject()
                .put("prompt_tokens", tokensCharged())
                .put("completion_tokens", prose.tokens())
                .put("total_tokens", tokensCharged() + prose.tokens());
    }

    private static List<Buffer> events(JsonObject begun, JsonObject ended, JsonObject message, Prose prose,
            Manner manner) {
        List<Buffer> events = new ArrayList<>();
        events.add(EventSequence.named("thread.run.created", begun));
        events.add(EventSequence.named("thread.run.in_progress", begun.copy().put("status", "in_progress")));
        events.add(EventSequence.named("thread.message.created", message.copy().put("status", "in_progress")
                .putNull("completed_at").put("content", new JsonArray())));
        for (int i = 0; i < manner.chunks(); i++) {
            JsonObject piece = ThreadMessage.text(prose.part(i, manner.chunks())).put("index", 0);
            events.add(EventSequence.named("thread.message.delta", new JsonObject()
                    .put("id", message.getString("id"))
                    .put("object", "thread.message.delta")
                    .put("delta", new JsonObject().put("content", new JsonArray().add(piece)))));
        }
        events.add(EventSequence.named("thread.message.completed", message));
        events.add(EventSequence.named("thread.run.completed", ended));
        events.add(Buffer.buffer("event: done\ndata: [DONE]\n\n"));
        return events;
    }
}
