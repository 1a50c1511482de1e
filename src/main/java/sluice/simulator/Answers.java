package sluice.simulator;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/** The complete answers of chat, completions, responses, embeddings and moderations. */
final class Answers {
    private static final int DIMENSIONS = 1536;
    private static final List<String> CATEGORIES = List.of("harassment", "harassment/threatening", "hate",
            "hate/threatening", "illicit", "illicit/violent", "self-harm", "self-harm/intent",
            "self-harm/instructions", "sexual", "sexual/minors", "violence", "violence/graphic");

    private Answers() {}

    static JsonObject of(Generated answer) {
        return switch (answer.call().endpoint()) {
            case CHAT -> chat(answer);
            case COMPLETIONS -> completion(answer);
            case RESPONSES -> ResponseObject.finished(answer);
            case EMBEDDINGS -> embeddings(answer.call());
            case MODERATIONS -> moderation(answer);
        };
    }

    private static JsonObject chat(Generated answer) {
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

    private static JsonObject completion(Generated answer) {
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

    private static JsonObject embeddings(Call call) {
        int dimensions = call.body().getInteger("dimensions", DIMENSIONS);
        boolean base64 = "base64".equals(call.body().getValue("encoding_format"));
        JsonArray data = new JsonArray();
        for (String input : call.inputs()) {
            float[] vector = vector(input, dimensions);
            data.add(new JsonObject()
                    .put("object", "embedding")
                    .put("index", data.size())
                    .put("embedding", base64 ? base64(vector) : numbers(vector)));
        }
        return new JsonObject()
                .put("object", "list")
                .put("data", data)
                .put("model", call.model())
                .put("usage", new JsonObject().put("prompt_tokens", call.inputTokens())
                        .put("total_tokens", call.inputTokens()));
    }

    /** A vector of length 1 that depends only on the text. */
    static float[] vector(String text, int dimensions) {
        long seed = Prose.hash(text);
        double[] raw = new double[dimensions];
        double squares = 0;
        for (int i = 0; i < dimensions; i++) {
            raw[i] = (double) Prose.mix(seed + i) / Long.MAX_VALUE;
            squares += raw[i] * raw[i];
        }
        double length = Math.sqrt(squares);
        float[] vector = new float[dimensions];
        for (int i = 0; i < dimensions; i++) {
            vector[i] = (float) (raw[i] / length);
        }
        return vector;
    }

    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    private static JsonArray numbers(float[] vector) {
        JsonArray numbers = new JsonArray();
        for (float number : vector) {
            numbers.add(number);
        }
        return numbers;
    }

    private static JsonObject moderation(Generated answer) {
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
