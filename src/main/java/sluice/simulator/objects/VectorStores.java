package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import sluice.simulator.answers.Prose;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Vector stores and the files in them. Every search finds every file, in the order they were added. */
final class VectorStores {
    private static final Kind STORE = new Kind("vector_stores", "vs_", "vector_store", VectorStores::fresh);
    private static final NestedKind FILE = new NestedKind(STORE, "files", "vector_store.file");
    private static final NestedKind BATCH = new NestedKind(STORE, "file_batches", "vector_store.file_batch");

    private VectorStores() {}

    static void addTo(Paths paths) {
        STORE.addTo(paths);
        FILE.addTo(paths);
        paths.post(FILE.path(), visit -> Reply.json(add(visit, visit.required("file_id"))));
        paths.get(FILE.path() + "/:item/content", VectorStores::content);
        paths.post(BATCH.path(), VectorStores::addAll);
        paths.get(BATCH.path() + "/:item", visit -> Reply.json(BATCH.found(visit)));
        paths.post(BATCH.path() + "/:item/cancel", visit -> Reply.json(BATCH.found(visit)));
        paths.get(BATCH.path() + "/:item/files", FILE::list);
        paths.post("vector_stores/:id/search", VectorStores::search);
    }

    private static JsonObject fresh(JsonObject asked) {
        return new JsonObject()
                .put("name", asked.getValue("name", ""))
                .put("usage_bytes", 0)
                .put("file_counts", counts(0))
                .put("status", "completed")
                .put("expires_after", asked.getValue("expires_after"))
                .putNull("expires_at")
                .putNull("last_active_at")
                .put("metadata", asked.getValue("metadata", new JsonObject()));
    }

    private static JsonObject counts(int files) {
        return new JsonObject().put("in_progress", 0).put("completed", files).put("failed", 0).put("cancelled", 0)
                .put("total", files);
    }

    private static JsonObject add(Visit visit, String fileId) {
        JsonObject store = STORE.found(visit);
        JsonObject file = Files.found(visit, fileId);
        JsonObject added = FILE.put(visit, visit.id(), new JsonObject()
                .put("id", fileId)
                .put("object", "vector_store.file")
                .put("usage_bytes", file.getValue("bytes"))
                .put("created_at", visit.now())
                .put("vector_store_id", visit.id())
                .put("status", "completed")
                .putNull("last_error")
                .put("attributes", visit.asked().getValue("attributes", new JsonObject())));
        store.put("file_counts", counts(FILE.all(visit, visit.id()).size()));
        return added;
    }

    private static Reply addAll(Visit visit) {
        STORE.found(visit);
        if (!(visit.asked().getValue("file_ids") instanceof JsonArray ids)) {
            throw new BadCall(ApiError.missing("file_ids"));
        }
        ids.forEach(id -> add(visit, String.valueOf(id)));
        return Reply.json(BATCH.put(visit, visit.id(), new JsonObject()
                .put("id", Ids.fresh("vsfb_"))
                .put("object", "vector_store.files_batch")
                .put("created_at", visit.now())
                .put("vector_store_id", visit.id())
                .put("status", "completed")
                .put("file_counts", counts(ids.size()))));
    }

    private static Reply content(Visit visit) {
        FILE.found(visit);
        return Reply.json(new JsonObject().put("object", "vector_store.file_content.page")
                .put("data", new JsonArray().add(text(visit.param("item")))).put("has_more", false)
                .putNull("next_page"));
    }

    private static Reply search(Visit visit) {
        STORE.found(visit);
        Object query = visit.asked().getValue("query");
        JsonArray data = new JsonArray();
        for (JsonObject file : FILE.all(visit, visit.id()).reversed()) {
            String id = file.getString("id");
            data.add(new JsonObject().put("file_id", id)
                    .put("filename", Files.found(visit, id).getValue("filename"))
                    .put("score", 0.5)
                    .put("attributes", file.getValue("attributes"))
                    .put("content", new JsonArray().add(text(id))));
        }
        return Reply.json(new JsonObject().put("object", "vector_store.search_results.page")
                .put("search_query", query instanceof JsonArray ? query : new JsonArray().add(query))
                .put("data", data).put("has_more", false).putNull("next_page"));
    }

    private static JsonObject text(String fileId) {
        return new JsonObject().put("type", "text").put("text", Prose.marker(fileId));
    }
}
