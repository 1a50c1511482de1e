package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The chunks of a chat or completions stream. */
final class ChunkShape {
    private final Generated answer;
    private final int chunks;
    private final boolean chat;

    ChunkShape(Generated answer, int chunks) {
        this.answer = answer;
        this.chunks = chunks;
        this.chat = answer.call().endpoint() == Endpoint.CHAT;
    }

    JsonObject role(Generated.Choice choice) {
        JsonObject delta = new JsonObject().put("role", "assistant");
        Tool tool = answer.call().tool();
        if (tool == null) {
            delta.put("content", "").putNull("refusal");
        } else {
            JsonObject call = ChatObject.toolCall(answer, choice, tool).put("index", 0);
            call.getJsonObject("function").put("arguments", "");
            delta.putNull("content").put("tool_calls", new JsonArray().add(call));
        }
        return chunk(choice(choice, delta, false));
    }

    JsonObject piece(Generated.Choice choice, int index) {
        String part = choice.text().part(index, chunks);
        JsonObject logprobs = ChatObject.logprobs(answer, choice, index, chunks);
        if (!chat) {
            return chunk(choice(choice, new JsonObject().put("text", part), false).put("logprobs", logprobs));
        }
        JsonObject delta = answer.call().tool() == null ? new JsonObject().put("content", part) : argumentsPiece(part);
        return chunk(choice(choice, delta, false).put("logprobs", logprobs));
    }

    private static JsonObject argumentsPiece(String piece) {
        return new JsonObject().put("tool_calls", new JsonArray().add(new JsonObject()
                .put("index", 0)
                .put("function", new JsonObject().put("arguments", piece))));
    }

    JsonObject finish(Generated.Choice choice) {
        return chunk(choice(choice, chat ? new JsonObject() : new JsonObject().put("text", ""), true));
    }

    JsonObject usage() {
        return chunk(new JsonArray()).put("usage", ChatObject.usage(answer));
    }

    private JsonObject choice(Generated.Choice choice, JsonObject content, boolean last) {
        JsonObject shaped = new JsonObject().put("index", choice.index());
        if (chat) {
            shaped.put("delta", content);
        } else {
            shaped.mergeIn(content);
        }
        return shaped.putNull("logprobs").put("finish_reason", last ? choice.finishReason() : null);
    }

    private JsonObject chunk(JsonObject choice) {
        return chunk(new JsonArray().add(choice));
    }

    private JsonObject chunk(JsonArray choices) {
        JsonObject chunk = ChatObject.head(answer, chat ? "chat.completion.chunk" : "text_completion");
        if (chat) {
            chunk.put("service_tier", answer.call().serviceTier()).put("system_fingerprint", Generated.FINGERPRINT);
        }
        chunk.put("choices", choices);
        return answer.call().includeUsage() ? chunk.putNull("usage") : chunk;
    }
}
