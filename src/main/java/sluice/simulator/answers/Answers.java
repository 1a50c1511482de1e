package sluice.simulator.answers;

import io.vertx.core.json.JsonObject;

/** The complete answers of chat, completions, responses, embeddings and moderations. */
public final class Answers {

    private Answers() {}

    public static JsonObject of(Generated answer) {
        return switch (answer.call().endpoint()) {
            case CHAT -> ChatObject.chat(answer);
            case COMPLETIONS -> ChatObject.completion(answer);
            case RESPONSES -> ResponseObject.finished(answer);
            case EMBEDDINGS -> Embeddings.of(answer.call());
            case MODERATIONS -> Moderations.of(answer);
        };
    }
}
