package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.simulator.answers.Ask;
import sluice.simulator.answers.Parameters;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/** Assistants, threads, their messages and runs. A run ends at once and leaves its answer in the thread. */
final class Assistants {
    private static final Kind ASSISTANT = new Kind("assistants", "asst_", "assistant", asked -> asked.copy()
            .put("tools", asked.getValue("tools", new JsonArray()))
            .put("metadata", asked.getValue("metadata", new JsonObject())));
    private static final Kind THREAD = new Kind("threads", "thread_", "thread",
            asked -> new JsonObject().put("metadata", asked.getValue("metadata", new JsonObject())));
    private static final NestedKind MESSAGE = new NestedKind(THREAD, "messages", "thread.message");
    private static final NestedKind RUN = new NestedKind(THREAD, "runs", "thread.run");

    private Assistants() {}

    static void addTo(Paths paths) {
        ASSISTANT.addTo(paths);
        paths.call("threads/runs", visit -> run(visit, opened(visit, visit.asked().getJsonObject("thread",
                new JsonObject())).getString("id")));
        paths.post("threads", visit -> Reply.json(opened(visit, visit.asked())));
        THREAD.addTo(paths);
        MESSAGE.addTo(paths);
        paths.post(MESSAGE.path(), Assistants::say);
        paths.call(RUN.path(), visit -> run(visit, THREAD.found(visit).getString("id")));
        paths.get(RUN.path(), RUN::list);
        paths.get(RUN.path() + "/:item", visit -> Reply.json(RUN.found(visit)));
        paths.post(RUN.path() + "/:item/cancel", Assistants::cancel);
        paths.get(RUN.path() + "/:item/steps", Assistants::steps);
    }

    /** A new thread with its first messages. */
    private static JsonObject opened(Visit visit, JsonObject asked) {
        JsonObject thread = THREAD.create(visit, asked);
        String id = thread.getString("id");
        messages(visit, id, asked, "messages").forEach(message -> MESSAGE.put(visit, id, message));
        return thread;
    }

    private static List<JsonObject> messages(Visit visit, String thread, JsonObject asked, String name) {
        return asked.getJsonArray(name, new JsonArray()).stream()
                .map(message -> ThreadMessage.added(thread, (JsonObject) message, visit.now())).toList();
    }

    private static Reply say(Visit visit) {
        THREAD.found(visit);
        return Reply.json(MESSAGE.put(visit, visit.id(), ThreadMessage.added(visit.id(), visit.asked(), visit.now())));
    }

    private static Ask run(Visit visit, String thread) {
        JsonObject asked = visit.asked();
        JsonObject assistant = ASSISTANT.found(visit, visit.required("assistant_id"));
        String model = Parameters.model(asked.getValue("model", assistant.getValue("model")));
        List<JsonObject> more = messages(visit, thread, asked, "additional_messages");
        String prompt = visit.optional("instructions").orElse("")
                + Stream.concat(MESSAGE.all(visit, thread).reversed().stream(), more.stream())
                        .map(ThreadMessage::words).collect(Collectors.joining());
        return new ThreadRun(thread, assistant, model, asked, prompt, Parameters.flag(asked, "stream"),
                (run, message) -> {
                    more.forEach(each -> MESSAGE.put(visit, thread, each));
                    RUN.put(visit, thread, run);
                    MESSAGE.put(visit, thread, message);
                });
    }

    private static Reply cancel(Visit visit) {
        String status = RUN.found(visit).getString("status");
        throw new BadCall(ApiError.invalid("Cannot cancel run with status '" + status + "'.", null, null));
    }

    /** The only thing that a run does is to write its message. */
    private static Reply steps(Visit visit) {
        JsonObject run = RUN.found(visit);
        List<JsonObject> steps = MESSAGE.all(visit, visit.id()).stream()
                .filter(message -> run.getString("id").equals(message.getString("run_id")))
                .map(message -> step(run, message)).toList();
        return Reply.json(Listing.of(steps, visit.query()));
    }

    private static JsonObject step(JsonObject run, JsonObject message) {
        return new JsonObject()
                .put("id", message.getString("id").replace("msg_", "step_"))
                .put("object", "thread.run.step")
                .put("created_at", run.getValue("created_at"))
                .put("run_id", run.getValue("id"))
                .put("assistant_id", run.getValue("assistant_id"))
                .put("thread_id", run.getValue("thread_id"))
                .put("type", "message_creation")
                .put("status", "completed")
                .putNull("cancelled_at").putNull("expired_at").putNull("failed_at").putNull("last_error")
                .put("completed_at", run.getValue("completed_at"))
                .put("step_details", new JsonObject().put("type", "message_creation")
                        .put("message_creation", new JsonObject().put("message_id", message.getValue("id"))))
                .put("metadata", new JsonObject())
                .put("usage", run.getValue("usage"));
    }
}
