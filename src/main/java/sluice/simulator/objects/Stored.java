package sluice.simulator.objects;

import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;

/** Everything an account has stored. No other account can see it. */
public final class Stored {
    private final Map<String, Shelf<JsonObject>> shelves = new HashMap<>();
    private final Shelf<KeptResponse> responses = new Shelf<>();

    /** The objects of a kind. */
    Shelf<JsonObject> shelf(String kind) {
        return shelves.computeIfAbsent(kind, any -> new Shelf<>());
    }

    /** Whether a response with this id is stored. */
    public boolean hasResponse(String id) {
        return responses.find(id).isPresent();
    }

    Shelf<KeptResponse> responses() {
        return responses;
    }
}
