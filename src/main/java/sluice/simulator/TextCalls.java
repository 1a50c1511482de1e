package sluice.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** Chat, completions, responses, embeddings and moderations. */
final class TextCalls {
    private static final String ENGINE = "engine";
    private static final String CHATS = "chat/completions";

    private TextCalls() {}

    static void addTo(Paths paths) {
        paths.call(CHATS, visit -> read(Endpoint.CHAT, visit));
        paths.call("completions", visit -> read(Endpoint.COMPLETIONS, visit));
        paths.call("responses", visit -> read(Endpoint.RESPONSES, visit));
        paths.call("embeddings", visit -> read(Endpoint.EMBEDDINGS, visit));
        paths.call("moderations", visit -> read(Endpoint.MODERATIONS, visit));
        paths.call("engines/:engine/completions", visit -> read(Endpoint.COMPLETIONS, visit));
        paths.call("engines/:engine/embeddings", visit -> read(Endpoint.EMBEDDINGS, visit));
        paths.call("responses/compact", visit -> new Compaction(call(Endpoint.RESPONSES, visit)));
        paths.call("responses/input_tokens", visit -> new TokenCount(call(Endpoint.RESPONSES, visit)));
    }

    private static TextAsk read(Endpoint endpoint, Visit visit) {
        return TextAsk.of(call(endpoint, visit), visit.stored(), visit.weight());
    }

    private static Call call(Endpoint endpoint, Visit visit) {
        return CallReader.read(endpoint, visit.params().get(ENGINE), visit.body().json());
    }

    /** A compacted conversation. */
    private record Compaction(Call call) implements Ask {
        @Override
        public String model() {
            return call.model();
        }

        @Override
        public long tokensCharged() {
            return call.tokensCharged();
        }

        @Override
        public Reply reply(Manner manner) {
            Generated answer = Generated.answer(call, manner);
            JsonObject compacted = new JsonObject()
                    .put("id", Ids.fresh("cmp_"))
                    .put("type", "compaction")
                    .put("encrypted_content", Prose.marker(call.inputs().getFirst()));
            return Reply.json(new JsonObject()
                    .put("id", answer.id())
                    .put("object", "response.compaction")
                    .put("created_at", answer.created())
                    .put("output", new JsonArray().add(compacted))
                    .put("usage", ResponseObject.usage(answer)));
        }
    }

    /** How many input tokens a call would have. */
    private record TokenCount(Call call) implements Ask {
        @Override
        public String model() {
            return call.model();
        }

        @Override
        public long tokensCharged() {
            return 0;
        }

        @Override
        public Reply reply(Manner manner) {
            return Reply.json(new JsonObject()
                    .put("object", "response.input_tokens")
                    .put("input_tokens", call.inputTokens()));
        }
    }
}
