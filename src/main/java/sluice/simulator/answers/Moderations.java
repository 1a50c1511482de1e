package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;

/** Moderations, which never flag anything. */
final class Moderations {
    private static final List<String> CATEGORIES = List.of("harassment", "harassment/threatening", "hate",
            "hate/threatening", "illicit", "illicit/violent", "self-harm", "self-harm/intent",
            "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic");

    private Moderations() {}

    static JsonObject of(Generated answer) {
        JsonArray results = new JsonArray();
        for (int i = 0; i < answer.call().inputs().size(); i++) {
            results.add(verdict());
        }
        return new JsonObject()
                .put("id", answer.id())
                .put("model", answer.call().model())
                .put("results", results);
    }

    /** Nothing is ever flagged. */
    private static JsonObject verdict() {
        JsonObject categories = new JsonObject();
        JsonObject scores = new JsonObject();
        JsonObject inputTypes = new JsonObject();
        for (String category : CATEGORIES) {
            categories.put(category, false);
            scores.put(category, 1e-6);
            inputTypes.put(category, new JsonArray().add("text"));
        }
        return new JsonObject()
                .put("flagged", false)
                .put("categories", categories)
                .put("category_scores", scores)
                .put("category_applied_input_types", inputTypes);
    }
}
