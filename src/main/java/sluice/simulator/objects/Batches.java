package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.simulator.answers.Manner;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Content;
import sluice.simulator.wire.Reply;

/**
 * Batches. Each read of a batch advances it one step, so that clients see its states without waiting: from
 * validating, to in progress or failed, to completed. Answers and refusals then stand in files of their own.
 */
final class Batches {
    private static final long DAY = 86_400;
    private static final Set<String> ENDED = Set.of("completed", "failed", "cancelled");
    private static final Kind BATCH = new Kind("batches", "batch_", "batch", Batches::fresh);

    private final Files files;
    private final Contents contents;

    Batches(Files files, Contents contents) {
        this.files = files;
        this.contents = contents;
    }

    void addTo(Paths paths) {
        paths.get("batches", BATCH::list);
        paths.get("batches/:id", visit -> Reply.json(advanced(visit)));
        paths.post("batches", Batches::create);
        paths.post("batches/:id/cancel", Batches::cancel);
    }

    private static JsonObject fresh(JsonObject asked) {
        JsonObject batch = new JsonObject()
                .put("endpoint", asked.getValue("endpoint"))
                .putNull("errors")
                .put("input_file_id", asked.getValue("input_file_id"))
                .put("completion_window", asked.getValue("completion_window"))
                .put("status", "validating")
                .putNull("output_file_id")
                .putNull("error_file_id");
        for (String moment : List.of("in_progress_at", "finalizing_at", "completed_at", "failed_at", "expired_at",
                "cancelling_at", "cancelled_at")) {
            batch.putNull(moment);
        }
        return batch.put("request_counts", counts(0, 0, 0)).put("metadata", asked.getValue("metadata"));
    }

    private static JsonObject counts(int total, int completed, int failed) {
        return new JsonObject().put("total", total).put("completed", completed).put("failed", failed);
    }

    private static Reply create(Visit visit) {
        String endpoint = visit.required("endpoint");
        visit.required("completion_window");
        if (!BatchRun.knows(endpoint)) {
            throw new BadCall(ApiError.invalid("Invalid value: '" + endpoint + "'.", "endpoint", "invalid_value"));
        }
        Files.found(visit, visit.required("input_file_id"));
        return Reply.json(BATCH.create(visit).put("expires_at", visit.now() + DAY));
    }

    private static Reply cancel(Visit visit) {
        JsonObject batch = BATCH.found(visit);
        if (ENDED.contains(batch.getString("status"))) {
            throw new BadCall(ApiError.invalid("Cannot cancel a batch with status '" + batch.getString("status") + "'.",
                    null, null));
        }
        return Reply.json(batch.put("status", "cancelling").put("cancelling_at", visit.now()));
    }

    private JsonObject advanced(Visit visit) {
        JsonObject batch = BATCH.found(visit);
        return switch (batch.getString("status")) {
            case "validating" -> validate(batch, visit);
            case "in_progress" -> run(batch, visit);
            case "cancelling" -> batch.put("status", "cancelled").put("cancelled_at", visit.now());
            default -> batch;
        };
    }

    private JsonObject validate(JsonObject batch, Visit visit) {
        BatchInput input = input(batch);
        if (input.problems().isEmpty()) {
            return batch.put("status", "in_progress").put("in_progress_at", visit.now())
                    .put("request_counts", counts(input.requests().size(), 0, 0));
        }
        return batch.put("status", "failed").put("failed_at", visit.now()).put("errors",
                new JsonObject().put("object", "list").put("data", new JsonArray(input.problems())));
    }

    private JsonObject run(JsonObject batch, Visit visit) {
        BatchRun run = new BatchRun(batch.getString("endpoint"), visit.stored(),
                new Manner(visit.now(), 1, 1, Optional.empty()));
        List<BatchInput.Request> requests = input(batch).requests();
        requests.forEach(run::take);
        return batch.put("status", "completed").put("finalizing_at", visit.now()).put("completed_at", visit.now())
                .put("output_file_id", file(visit, "output", run.output()))
                .put("error_file_id", file(visit, "error", run.errors()))
                .put("request_counts", counts(requests.size(), run.completed(), requests.size() - run.completed()))
                .put("usage", run.usage());
    }

    private BatchInput input(JsonObject batch) {
        return contents.find(batch.getString("input_file_id"))
                .map(bytes -> BatchInput.read(bytes, batch.getString("endpoint")))
                .orElseGet(BatchInput::missing);
    }

    /** The id of a new file with these lines; null if there are none. */
    private @Nullable String file(Visit visit, String name, Buffer lines) {
        return lines.length() == 0
                ? null
                : files.add(visit, visit.id() + "_" + name + ".jsonl", "batch_output", Content.kept(lines))
                        .getString("id");
    }
}
