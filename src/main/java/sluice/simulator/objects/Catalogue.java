package sluice.simulator.objects;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import sluice.simulator.answers.Parameters;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/** The list of models, which spends no quota. Models that are not listed may exist as well. */
final class Catalogue {
    private static final long CREATED = 1_700_000_000;
    private static final List<String> MODELS = List.of("gpt-3.5-turbo", "gpt-3.5-turbo-instruct", "gpt-4.1",
            "gpt-4.1-mini", "gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini", "o4-mini", "omni-moderation-latest",
            "text-embedding-3-large", "text-embedding-3-small");

    private Catalogue() {}

    static void addTo(Paths paths) {
        paths.get("models", visit -> list());
        paths.get("models/:id", visit -> Reply.json(entry(existing(visit))));
        paths.delete("models/:id", visit -> Reply.deleted("model", existing(visit)));
    }

    private static Reply list() {
        JsonArray data = new JsonArray();
        MODELS.forEach(model -> data.add(entry(model)));
        return Reply.json(new JsonObject().put("object", "list").put("data", data));
    }

    private static String existing(Visit visit) {
        if (Parameters.isMissing(visit.id()) || !visit.models().test(visit.id())) {
            throw new BadCall(ApiError.unknownModel(visit.id()));
        }
        return visit.id();
    }

    private static JsonObject entry(String model) {
        return new JsonObject().put("id", model).put("object", "model").put("created", CREATED)
                .put("owned_by", "system");
    }
}
