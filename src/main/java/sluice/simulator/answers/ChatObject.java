package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** The objects of chat and completions. */
final class ChatObject {

    private static final long SOUND_KEPT_SECONDS = 3600;

    private ChatObject() {}

    static JsonObject chat(Generated answer) {
        JsonArray choices = new JsonArray();
        for (Generated.Choice choice : answer.choices()) {
            choices.add(new JsonObject()
                    .put("index", choice.index())
                    .put("message", message(answer, choice))
                    .put("logprobs", logprobs(answer, choice, 0, 1))
                    .put("finish_reason", choice.finishReason()));
        }
        return head(answer, "chat.completion")
                .put("choices", choices)
                .put("usage", usage(answer))
                .put("service_tier", answer.call().serviceTier())
                .put("system_fingerprint", Generated.FINGERPRINT);
    }

    private static JsonObject message(Generated answer, Generated.Choice choice) {
        Tool tool = answer.call().tool();
        JsonObject message = new JsonObject().put("role", "assistant");
        if (tool == null && answer.call().speaks()) {
            return message.putNull("content").putNull("refusal").put("annotations", new JsonArray())
                    .put("audio", audio(answer, choice));
        }
        if (tool == null) {
            return message.put("content", choice.text().text()).putNull("refusal")
                    .put("annotations", new JsonArray());
        }
        return message.putNull("content").putNull("refusal").put("annotations", new JsonArray())
                .put("tool_calls", new JsonArray().add(toolCall(answer, choice, tool)));
    }

    /** Audio, of which only the transcript means anything. */
    private static JsonObject audio(Generated answer, Generated.Choice choice) {
        String text = choice.text().text();
        return new JsonObject().put("id", answer.id().replace("chatcmpl-", "audio_") + choice.index())
                .put("data", Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)))
                .put("expires_at", answer.created() + SOUND_KEPT_SECONDS).put("transcript", text);
    }

    static JsonObject toolCall(Generated answer, Generated.Choice choice, Tool tool) {
        return new JsonObject()
                .put("id", "call_" + answer.id().substring(answer.id().length() - 20) + choice.index())
                .put("type", "function")
                .put("function", new JsonObject().put("name", tool.name()).put("arguments", choice.text().text()));
    }

    static JsonObject completion(Generated answer) {
        JsonArray choices = new JsonArray();
        for (Generated.Choice choice : answer.choices()) {
            choices.add(new JsonObject()
                    .put("text", choice.text().text())
                    .put("index", choice.index())
                    .put("logprobs", logprobs(answer, choice, 0, 1))
                    .put("finish_reason", choice.finishReason()));
        }
        return head(answer, "text_completion").put("choices", choices).put("usage", usage(answer));
    }

    /** Of one of some consecutive pieces of the text; null if the call does not ask. */
    static @Nullable JsonObject logprobs(Generated answer, Generated.Choice choice, int index, int parts) {
        Call call = answer.call();
        if (call.topLogprobs().isEmpty()) {
            return null;
        }
        Text text = choice.text();
        int from = text.start(index, parts);
        int to = text.start(index + 1, parts);
        return call.endpoint() == Endpoint.CHAT
                ? Logprobs.ofChat(call, text, from, to)
                : Logprobs.ofCompletion(call, text, from, to, offset(answer, choice, from));
    }

    private static int offset(Generated answer, Generated.Choice choice, int token) {
        int offset = answer.call().inputs().get(choice.index() / answer.call().choices()).length();
        for (int i = 0; i < token; i++) {
            offset += choice.text().token(i).length();
        }
        return offset;
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
                    .put("audio_tokens", answer.call().speaks() ? answer.outputTokens() : 0)
                    .put("accepted_prediction_tokens", 0)
                    .put("rejected_prediction_tokens", 0));
        }
        return usage;
    }
}
