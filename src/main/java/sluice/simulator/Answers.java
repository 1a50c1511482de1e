package sluice.simulator;

import io.vertx.core.json.JsonObject;

/** The complete answers of chat, completions, responses, embeddings and moderations. */
final class Answers {

    private Answers() {}

    static JsonObject of(Generated answer) {
        return switch (answer.call().endpoint()) {
            case CHAT -> ChatObject.chat(answer);
            case COMPLETIONS -> ChatObject.completion(answer);
            case RESPONSES -> ResponseObject.finished(answer);
            case EMBEDDINGS -> Embeddings.of(answer.call());
            case MODERATIONS -> Moderations.of(answer);
        };
    }
}
