package sluice.simulator.objects;

import sluice.simulator.wire.Reply;
import sluice.simulator.answers.Parameters;
import sluice.simulator.answers.Ask;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Assistants, threads, their messages and runs. */
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
        paths.call("threads/runs", visit -> run(visit, THREAD.create(visit, new JsonObject()).getString("id")));
        THREAD.addTo(paths);
        MESSAGE.addTo(paths);
        paths.post(MESSAGE.path(), Assistants::say);
        paths.call(RUN.path(), visit -> run(visit, THREAD.found(visit).getString("id")));
        paths.get(RUN.path(), RUN::list);
        paths.get(RUN.path() + "/:item", visit -> Reply.json(RUN.found(visit)));
        paths.post(RUN.path() + "/:item/cancel", visit -> Reply.json(RUN.found(visit).put("status", "cancelled")));
    }

    private static Reply say(Visit visit) {
        THREAD.found(visit);
        return Reply.json(MESSAGE.put(visit, visit.id(),
                ThreadRun.message(visit.id(), visit.required("role"), visit.required("content"), visit.now())));
    }

    private static Ask run(Visit visit, String thread) {
        JsonObject assistant = ASSISTANT.found(visit, visit.required("assistant_id"));
        String model = Parameters.model(visit.asked().getValue("model", assistant.getValue("model")));
        StringBuilder prompt = new StringBuilder(visit.optional("instructions").orElse(""));
        MESSAGE.all(visit, thread).reversed().forEach(message -> prompt.append(message.getValue("content")));
        return new ThreadRun(thread, assistant.getString("id"), model, prompt.toString(),
                Parameters.flag(visit.asked(), "stream"), run -> RUN.put(visit, thread, run));
    }
}
