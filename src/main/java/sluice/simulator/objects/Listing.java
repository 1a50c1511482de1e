package sluice.simulator.objects;

import io.vertx.core.MultiMap;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;

/** One page of a list, as requested by its query: {@code limit}, {@code order} and {@code after}. */
final class Listing {
    private static final int LIMIT = 20;
    private static final int LIMIT_MAX = 10_000;

    private Listing() {}

    static JsonObject of(List<JsonObject> newestFirst, MultiMap query) {
        List<JsonObject> ordered = "asc".equals(query.get("order")) ? newestFirst.reversed() : newestFirst;
        List<JsonObject> rest = after(query.get("after"), ordered);
        List<JsonObject> page = rest.subList(0, Math.min(limit(query), rest.size()));
        return new JsonObject()
                .put("object", "list")
                .put("data", new JsonArray(page))
                .put("first_id", page.isEmpty() ? null : page.getFirst().getValue("id"))
                .put("last_id", page.isEmpty() ? null : page.getLast().getValue("id"))
                .put("has_more", rest.size() > page.size());
    }

    private static List<JsonObject> after(@Nullable String id, List<JsonObject> all) {
        for (int i = 0; id != null && i < all.size(); i++) {
            if (id.equals(all.get(i).getValue("id"))) {
                return all.subList(i + 1, all.size());
            }
        }
        return all;
    }

    private static int limit(MultiMap query) {
        String limit = query.get("limit");
        if (limit == null) {
            return LIMIT;
        }
        if (!limit.matches("[0-9]{1,5}")) {
            throw new BadCall(ApiError.invalid("Invalid 'limit': expected an integer.", "limit", "invalid_type"));
        }
        return Math.clamp(Integer.parseInt(limit), 1, LIMIT_MAX);
    }
}
