package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Evals and their runs, none of which is ever run. */
final class Evals {
    private static final Kind EVAL = new Kind("evals", "eval_", "eval", asked -> new JsonObject()
            .put("name", asked.getValue("name", ""))
            .put("data_source_config", asked.getValue("data_source_config", new JsonObject()))
            .put("testing_criteria", asked.getValue("testing_criteria", new JsonArray()))
            .put("metadata", asked.getValue("metadata", new JsonObject())));
    private static final NestedKind RUN = new NestedKind(EVAL, "runs", "eval.run");

    private Evals() {}

    static void addTo(Paths paths) {
        paths.post("evals", visit -> Reply.created(EVAL.create(visit)));
        EVAL.addTo(paths);
        RUN.addTo(paths);
        paths.post(RUN.path(), Evals::run);
        paths.post(RUN.path() + "/:item/cancel", Evals::cancel);
    }

    private static Reply run(Visit visit) {
        EVAL.found(visit);
        return Reply.created(RUN.put(visit, visit.id(), new JsonObject()
                .put("id", Ids.fresh("evalrun_"))
                .put("object", "eval.run")
                .put("created_at", visit.now())
                .put("eval_id", visit.id())
                .put("status", "queued")
                .putNull("error")
                .put("model", "")
                .put("report_url", "https://platform.openai.com/evaluations/" + visit.id())
                .put("result_counts", new JsonObject().put("total", 0).put("errored", 0).put("failed", 0)
                        .put("passed", 0))
                .put("per_model_usage", new JsonArray())
                .put("per_testing_criteria_results", new JsonArray())
                .put("name", visit.asked().getValue("name", ""))
                .put("data_source", visit.asked().getValue("data_source", new JsonObject()))));
    }

    private static Reply cancel(Visit visit) {
        return Reply.json(RUN.found(visit).put("status", "canceled").put("error",
                new JsonObject().put("code", "canceled").put("message", "The run was canceled.")));
    }
}
