package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** The objects of chat and completions. */
final class ChatObject {

    private ChatObject() {}

    static JsonObject chat(Generated answer) {
        JsonArray choices = new JsonArray();
        for (Generated.Choice choice : answer.choices()) {
            choices.add(new JsonObject()
                    .put("index", choice.index())
                    .put("message", message(answer, choice))
                    .putNull("logprobs")
                    .put("finish_reason", choice.finishReason()));
        }
        return head(answer, "chat.completion")
                .put("choices", choices)
                .put("usage", usage(answer))
                .put("service_tier", "default")
                .put("system_fingerprint", Generated.FINGERPRINT);
    }

    private static JsonObject message(Generated answer, Generated.Choice choice) {
        Tool tool = answer.call().tool();
        JsonObject message = new JsonObject().put("role", "assistant");
        if (tool == null) {
            return message.put("content", choice.prose().text()).putNull("refusal")
                    .put("annotations", new JsonArray());
        }
        return message.putNull("content").putNull("refusal").put("annotations", new JsonArray())
                .put("tool_calls", new JsonArray().add(toolCall(answer, choice, tool)));
    }

    static JsonObject toolCall(Generated answer, Generated.Choice choice, Tool tool) {
        return new JsonObject()
                .put("id", "call_" + answer.id().substring(answer.id().length() - 20) + choice.index())
                .put("type", "function")
                .put("function", new JsonObject().put("name", tool.name()).put("arguments", choice.toolArguments()));
    }

    static JsonObject completion(Generated answer) {
        JsonArray choices = new JsonArray();
        for (Generated.Choice choice : answer.choices()) {
            choices.add(new JsonObject()
                    .put("text", choice.prose().text())
                    .put("index", choice.index())
                    .putNull("logprobs")
                    .put("finish_reason", choice.finishReason()));
        }
        return head(answer, "text_completion").put("choices", choices).put("usage", usage(answer));
    }

    static JsonObject head(Generated answer, String object) {
        return new JsonObject()
                .put("id", answer.id())
                .put("object", object)
                .put("created", answer.created())
                .put("model", answer.call().model());
    }

    static JsonObject usage(Generated answer) {
        JsonObject usage = new JsonObject()
                .put("prompt_tokens", answer.inputTokens())
                .put("completion_tokens", answer.outputTokens())
                .put("total_tokens", answer.inputTokens() + answer.outputTokens());
        if (answer.call().endpoint() == Endpoint.CHAT) {
            usage.put("prompt_tokens_details", new JsonObject().put("cached_tokens", 0)
                    .put("cache_write_tokens", 0)
                    .put("audio_tokens", 0));
            usage.put("completion_tokens_details", new JsonObject().put("reasoning_tokens", 0)
                    .put("audio_tokens", 0)
                    .put("accepted_prediction_tokens", 0)
                    .put("rejected_prediction_tokens", 0));
        }
        return usage;
    }
}
