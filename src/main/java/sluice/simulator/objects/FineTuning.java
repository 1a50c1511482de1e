package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import sluice.simulator.answers.Parameters;
import sluice.simulator.wire.Reply;

/** Fine-tuning jobs, which never make progress: no model is ever trained. */
final class FineTuning {
    private static final String PATH = "fine_tuning/jobs";
    private static final Kind JOB = new Kind(PATH, "ftjob-", "fine_tuning.job", FineTuning::fresh);

    private FineTuning() {}

    static void addTo(Paths paths) {
        JOB.addReads(paths);
        paths.post(PATH, FineTuning::create);
        paths.post(PATH + "/:id/cancel", visit -> JOB.become(visit, "cancelled"));
        paths.post(PATH + "/:id/pause", visit -> JOB.become(visit, "paused"));
        paths.post(PATH + "/:id/resume", visit -> JOB.become(visit, "queued"));
        paths.get(PATH + "/:id/events", FineTuning::events);
        paths.get(PATH + "/:id/checkpoints", FineTuning::checkpoints);
    }

    private static JsonObject fresh(JsonObject asked) {
        return new JsonObject()
                .putNull("error")
                .putNull("estimated_finish")
                .putNull("fine_tuned_model")
                .putNull("finished_at")
                .put("hyperparameters", new JsonObject().put("n_epochs", "auto").put("batch_size", "auto")
                        .put("learning_rate_multiplier", "auto"))
                .putNull("integrations")
                .put("metadata", asked.getValue("metadata"))
                .put("model", asked.getValue("model"))
                .put("result_files", new JsonArray())
                .put("seed", asked.getValue("seed", 0))
                .put("status", "validating_files")
                .putNull("trained_tokens")
                .put("training_file", asked.getValue("training_file"))
                .put("validation_file", asked.getValue("validation_file"));
    }

    private static Reply create(Visit visit) {
        Parameters.model(visit.asked().getValue("model"));
        Files.found(visit, visit.required("training_file"));
        return Reply.json(JOB.create(visit).put("organization_id", visit.organization()));
    }

    private static Reply events(Visit visit) {
        JsonObject job = JOB.found(visit);
        return Reply.json(Listing.of(List.of(new JsonObject()
                .put("id", visit.id().replace("ftjob-", "ftevent-"))
                .put("object", "fine_tuning.job.event")
                .put("created_at", job.getValue("created_at"))
                .put("level", "info")
                .put("message", "Created fine-tuning job: " + visit.id())
                .put("type", "message")), visit.query()));
    }

    private static Reply checkpoints(Visit visit) {
        JOB.found(visit);
        return Reply.json(Listing.of(List.of(), visit.query()));
    }
}
