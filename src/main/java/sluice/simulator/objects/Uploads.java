package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Content;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.IncomingContent;
import sluice.simulator.wire.Reply;

/** Files uploaded in parts. */
final class Uploads {
    private static final long HOUR = 3600;
    private static final String PARTS = "uploads/parts";
    private static final Kind UPLOAD = new Kind("uploads", "upload_", "upload", asked -> new JsonObject()
            .put("bytes", asked.getValue("bytes"))
            .put("filename", asked.getValue("filename"))
            .put("purpose", asked.getValue("purpose"))
            .put("status", "pending"));

    private final Files files;
    private final Contents contents;

    Uploads(Files files, Contents contents) {
        this.files = files;
        this.contents = contents;
    }

    void addTo(Paths paths) {
        paths.post("uploads", Uploads::create);
        paths.post("uploads/:id/parts", this::part);
        paths.post("uploads/:id/complete", this::complete);
        paths.post("uploads/:id/cancel", visit -> UPLOAD.become(visit, "cancelled"));
    }

    private static Reply create(Visit visit) {
        List.of("bytes", "filename", "mime_type", "purpose").forEach(visit::required);
        return Reply.json(UPLOAD.create(visit).put("expires_at", visit.now() + HOUR));
    }

    private Reply part(Visit visit) {
        JsonObject upload = pending(visit);
        Content data = visit.body().file("data").orElseThrow(() -> new BadCall(ApiError.missing("data"))).content();
        String id = Ids.fresh("part_");
        visit.stored().shelf(PARTS).put(id, new JsonObject().put("size", data.size()), id.length());
        data.bytes().ifPresent(bytes -> contents.keep(id, bytes));
        return Reply.json(new JsonObject().put("id", id).put("object", "upload.part").put("created_at", visit.now())
                .put("upload_id", upload.getString("id")));
    }

    private Reply complete(Visit visit) {
        JsonObject upload = pending(visit);
        if (!(visit.asked().getValue("part_ids") instanceof JsonArray ids)) {
            throw new BadCall(ApiError.missing("part_ids"));
        }
        Content whole = assembled(visit, ids);
        if (whole.size() != ((Number) upload.getValue("bytes")).longValue()) {
            throw new BadCall(ApiError.invalid("Upload has " + whole.size() + " bytes, expected "
                    + upload.getValue("bytes") + ".", null, null));
        }
        JsonObject file = files.add(visit, upload.getString("filename"), upload.getString("purpose"), whole);
        return Reply.json(upload.put("status", "completed").put("file", file));
    }

    /** Joins the parts; a part that was not kept counts as zeros. */
    private Content assembled(Visit visit, JsonArray ids) {
        IncomingContent whole = new IncomingContent();
        for (Object id : ids) {
            String part = String.valueOf(id);
            long size = visit.stored().shelf(PARTS).find(part)
                    .orElseThrow(() -> new BadCall(ApiError.notFound("Part", part))).getLong("size");
            contents.find(part).ifPresentOrElse(whole::add, () -> whole.addZeros(size));
            contents.forget(part);
        }
        return whole.whole();
    }

    private static JsonObject pending(Visit visit) {
        JsonObject upload = UPLOAD.found(visit);
        if (!"pending".equals(upload.getString("status"))) {
            throw new BadCall(ApiError.invalid("Upload is already " + upload.getString("status") + ".", null, null));
        }
        return upload;
    }
}
