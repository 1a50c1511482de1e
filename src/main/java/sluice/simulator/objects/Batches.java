package sluice.simulator.objects;

import sluice.simulator.wire.Reply;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** Batches, which stay in their initial state: none is ever processed. */
final class Batches {
    private static final long DAY = 86_400;
    private static final Kind BATCH = new Kind("batches", "batch_", "batch", asked -> new JsonObject()
            .put("endpoint", asked.getValue("endpoint"))
            .putNull("errors")
            .put("input_file_id", asked.getValue("input_file_id"))
            .put("completion_window", asked.getValue("completion_window"))
            .put("status", "validating")
            .put("request_counts", new JsonObject().put("total", 0).put("completed", 0).put("failed", 0))
            .put("metadata", asked.getValue("metadata")));

    private Batches() {}

    static void addTo(Paths paths) {
        BATCH.addReads(paths);
        paths.post("batches", Batches::create);
        paths.post("batches/:id/cancel",
                visit -> Reply.json(BATCH.found(visit).put("status", "cancelling").put("cancelling_at", visit.now())));
    }

    private static Reply create(Visit visit) {
        List.of("endpoint", "completion_window").forEach(visit::required);
        Files.found(visit, visit.required("input_file_id"));
        return Reply.json(BATCH.create(visit).put("expires_at", visit.now() + DAY));
    }
}
