package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import java.util.function.UnaryOperator;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Ids;
import sluice.simulator.wire.Reply;

/**
 * A kind of object that the API stores for its users, and the operations on it.
 *
 * @param path     of the collection, under {@code /v1}
 * @param idPrefix the prefix of their ids
 * @param object   the name of their type
 * @param fresh    makes the members of a new object besides id, type and date, from the request
 */
record Kind(String path, String idPrefix, String object, UnaryOperator<JsonObject> fresh) {

    private static final String UPDATED = "updated_at";

    /** Adds create, list, get, change and delete. */
    void addTo(Paths paths) {
        addReads(paths);
        paths.post(path, visit -> Reply.json(create(visit)));
        paths.post(path + "/:id", this::change);
        paths.delete(path + "/:id", this::delete);
    }

    /** Adds list and get. */
    void addReads(Paths paths) {
        paths.get(path, this::list);
        paths.get(path + "/:id", visit -> Reply.json(found(visit)));
    }

    JsonObject create(Visit visit) {
        return create(visit, visit.asked());
    }

    JsonObject create(Visit visit, JsonObject asked) {
        return put(visit, dated(visit, new JsonObject().put("id", Ids.fresh(idPrefix)).put("object", object)
                .put("created_at", visit.now()).mergeIn(fresh.apply(asked))));
    }

    /** Kinds that tell when they were last changed have a member for it from the beginning. */
    private static JsonObject dated(Visit visit, JsonObject changed) {
        return changed.containsKey(UPDATED) ? changed.put(UPDATED, visit.now()) : changed;
    }

    /** Stores an object, new or changed. */
    JsonObject put(Visit visit, JsonObject created) {
        shelf(visit).put(created.getString("id"), created, visit.weight());
        return created;
    }

    Shelf<JsonObject> shelf(Visit visit) {
        return visit.stored().shelf(path);
    }

    /** The object named by the path. */
    JsonObject found(Visit visit) {
        return found(visit, visit.id());
    }

    JsonObject found(Visit visit, String id) {
        return shelf(visit).find(id).orElseThrow(() -> new BadCall(ApiError.notFound(object, id)));
    }

    Reply list(Visit visit) {
        return Reply.json(Listing.of(shelf(visit).all(""), visit.query()));
    }

    private Reply change(Visit visit) {
        return Reply.json(dated(visit, found(visit).mergeIn(visit.asked())));
    }

    Reply delete(Visit visit) {
        found(visit);
        shelf(visit).remove(visit.id());
        return Reply.deleted(object + ".deleted", visit.id());
    }

    /** Changes the status of the object named by the path. */
    Reply become(Visit visit, String status) {
        return Reply.json(found(visit).put("status", status));
    }
}
