package sluice.simulator.objects;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;
import sluice.simulator.wire.Content;
import sluice.simulator.wire.EventSequence;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/** Uploaded files. Only the size and digest of a long file are kept; its content is returned as zeros. */
final class Files {
    static final String SHELF = "files";
    private static final String OBJECT = "file";

    private final Contents contents;

    Files(Contents contents) {
        this.contents = contents;
    }

    void addTo(Paths paths) {
        paths.post(SHELF, this::upload);
        paths.get(SHELF, Files::list);
        paths.get(SHELF + "/:id", visit -> Reply.json(found(visit, visit.id())));
        paths.get(SHELF + "/:id/content", this::content);
        paths.delete(SHELF + "/:id", this::delete);
    }

    static JsonObject found(Visit visit, String id) {
        return visit.stored().shelf(SHELF).find(id).orElseThrow(() -> new BadCall(ApiError.notFound("File", id)));
    }

    private Reply upload(Visit visit) {
        Body.FormFile file = visit.body().file("file").orElseThrow(() -> new BadCall(ApiError.missing("file")));
        return Reply.json(add(visit, file.name(), visit.required("purpose"), file.content()));
    }

    /** Adds a file; returns its object. */
    JsonObject add(Visit visit, String name, String purpose, Content content) {
        JsonObject file = new JsonObject()
                .put("id", Ids.fresh("file-"))
                .put("object", OBJECT)
                .put("bytes", content.size())
                .put("created_at", visit.now())
                .putNull("expires_at")
                .put("filename", name)
                .put("purpose", purpose)
                .put("sha256", content.sha256())
                .put("status", "processed")
                .putNull("status_details");
        visit.stored().shelf(SHELF).put(file.getString("id"), file, file.size());
        content.bytes().ifPresent(bytes -> contents.keep(file.getString("id"), bytes));
        return file;
    }

    private static Reply list(Visit visit) {
        String purpose = visit.query().get("purpose");
        List<JsonObject> files = visit.stored().shelf(SHELF).all("").stream()
                .filter(file -> purpose == null || purpose.equals(file.getString("purpose"))).toList();
        return Reply.json(Listing.of(files, visit.query()));
    }

    private Reply content(Visit visit) {
        long size = found(visit, visit.id()).getLong("bytes");
        EventSequence blocks = contents.find(visit.id())
                .map(bytes -> EventSequence.blocks(size,
                        (from, length) -> bytes.getBuffer(from.intValue(), from.intValue() + length)))
                .orElseGet(() -> EventSequence.blocks(size, (from, length) -> Buffer.buffer(new byte[length])));
        return new Reply.Download("application/octet-stream", size, blocks);
    }

    private Reply delete(Visit visit) {
        found(visit, visit.id());
        visit.stored().shelf(SHELF).remove(visit.id());
        contents.forget(visit.id());
        return Reply.deleted(OBJECT, visit.id());
    }
}
