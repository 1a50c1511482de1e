package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/**
 * A kind of object that belongs to an object of another kind, such as the messages of a thread.
 *
 * @param owner the kind of the owner, named by {@code :id} in a path
 * @param name  the path segment after the owner; {@code :item} names the object itself
 */
record NestedKind(Kind owner, String name, String object) {

    /** Adds list, get and delete. */
    void addTo(Paths paths) {
        paths.get(path(), this::list);
        paths.get(path() + "/:item", visit -> Reply.json(found(visit)));
        paths.delete(path() + "/:item", this::delete);
    }

    String path() {
        return owner.path() + "/:id/" + name;
    }

    JsonObject put(Visit visit, String ownerId, JsonObject created) {
        shelf(visit).put(ownerId + "/" + created.getString("id"), created, visit.weight());
        return created;
    }

    JsonObject found(Visit visit) {
        owner.found(visit);
        return shelf(visit).find(key(visit))
                .orElseThrow(() -> new BadCall(ApiError.notFound(object, visit.param("item"))));
    }

    List<JsonObject> all(Visit visit, String ownerId) {
        return shelf(visit).all(ownerId + "/");
    }

    Reply list(Visit visit) {
        owner.found(visit);
        return Reply.json(Listing.of(all(visit, visit.id()), visit.query()));
    }

    /** Merges what is asked into the object named by the path. */
    Reply change(Visit visit) {
        return Reply.json(found(visit).mergeIn(visit.asked()).put("updated_at", visit.now()));
    }

    private Reply delete(Visit visit) {
        found(visit);
        shelf(visit).remove(key(visit));
        return Reply.deleted(object + ".deleted", visit.param("item"));
    }

    private Shelf<JsonObject> shelf(Visit visit) {
        return visit.stored().shelf(path());
    }

    private static String key(Visit visit) {
        return visit.id() + "/" + visit.param("item");
    }
}
