package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/** The object of the Responses API, in progress and finished. */
public final class ResponseObject {
    private ResponseObject() {}

    static JsonObject inProgress(Generated answer) {
        return response(answer, "in_progress", new JsonArray()).putNull("usage");
    }

    /** Not started yet: a background response. */
    public static JsonObject queued(Generated answer) {
        return response(answer, "queued", new JsonArray()).putNull("usage");
    }

    public static JsonObject finished(Generated answer) {
        JsonObject response = response(answer, status(answer), new JsonArray().add(finishedItem(answer)))
                .put("usage", usage(answer));
        if (!isComplete(answer)) {
            response.put("incomplete_details", new JsonObject().put("reason", incompleteReason(answer)));
        }
        return response;
    }

    static boolean isComplete(Generated answer) {
        return finishReason(answer).equals("stop") || finishReason(answer).equals("tool_calls");
    }

    /** The single output item as it starts: a message or a function call. */
    static JsonObject openItem(Generated answer) {
        Tool tool = answer.call().tool();
        return tool == null
                ? message(answer, "in_progress", new JsonArray())
                : functionCall(answer, tool, "in_progress", "");
    }

    static JsonObject finishedItem(Generated answer) {
        Tool tool = answer.call().tool();
        if (tool != null) {
            return functionCall(answer, tool, "completed", answer.choices().getFirst().text().text());
        }
        return message(answer, status(answer),
                new JsonArray().add(finishedContent(answer)));
    }

    static JsonObject finishedContent(Generated answer) {
        return content(answer.choices().getFirst().text().text(), logprobs(answer));
    }

    static JsonArray logprobs(Generated answer) {
        Text text = answer.choices().getFirst().text();
        return Logprobs.list(answer.call(), text, 0, text.tokens());
    }

    static JsonObject content(String text, JsonArray logprobs) {
        return new JsonObject()
                .put("type", "output_text")
                .put("annotations", new JsonArray())
                .put("logprobs", logprobs)
                .put("text", text);
    }

    static String itemId(Generated answer) {
        return answer.id().replace("resp_", answer.call().tool() == null ? "msg_" : "fc_");
    }

    private static JsonObject functionCall(Generated answer, Tool tool, String status, String arguments) {
        return new JsonObject()
                .put("id", itemId(answer))
                .put("type", "function_call")
                .put("status", status)
                .put("call_id", answer.id().replace("resp_", "call_"))
                .put("name", tool.name())
                .put("arguments", arguments);
    }

    private static JsonObject message(Generated answer, String status, JsonArray content) {
        return new JsonObject()
                .put("id", itemId(answer))
                .put("type", "message")
                .put("status", status)
                .put("content", content)
                .put("role", "assistant");
    }

    private static JsonObject response(Generated answer, String status, JsonArray output) {
        JsonObject asked = answer.call().body();
        return new JsonObject()
                .put("id", answer.id())
                .put("object", "response")
                .put("created_at", answer.created())
                .put("status", status)
                .put("background", or(asked, "background", false))
                .putNull("error")
                .putNull("incomplete_details")
                .put("conversation", conversation(asked))
                .put("instructions", asked.getValue("instructions"))
                .put("max_output_tokens", asked.getValue("max_output_tokens"))
                .put("model", answer.call().model())
                .put("output", output)
                .put("parallel_tool_calls", or(asked, "parallel_tool_calls", true))
                .put("previous_response_id", asked.getValue("previous_response_id"))
                .put("reasoning", new JsonObject().putNull("effort").putNull("summary"))
                .put("service_tier", answer.call().serviceTier())
                .put("store", or(asked, "store", true))
                .put("temperature", or(asked, "temperature", 1.0))
                .put("text", or(asked, "text", new JsonObject().put("format", new JsonObject().put("type", "text"))))
                .put("tool_choice", or(asked, "tool_choice", "auto"))
                .put("tools", or(asked, "tools", new JsonArray()))
                .put("top_p", or(asked, "top_p", 1.0))
                .put("truncation", or(asked, "truncation", "disabled"))
                .putNull("user")
                .put("metadata", or(asked, "metadata", new JsonObject()));
    }

    private static @Nullable Object conversation(JsonObject asked) {
        Object conversation = asked.getValue("conversation");
        return conversation instanceof String id ? new JsonObject().put("id", id) : conversation;
    }

    private static Object or(JsonObject asked, String name, Object ifAbsent) {
        Object value = asked.getValue(name);
        return value == null ? ifAbsent : value;
    }

    static JsonObject usage(Generated answer) {
        return new JsonObject()
                .put("input_tokens", answer.inputTokens())
                .put("input_tokens_details", new JsonObject().put("cached_tokens", 0).put("cache_write_tokens", 0))
                .put("output_tokens", answer.outputTokens())
                .put("output_tokens_details", new JsonObject().put("reasoning_tokens", 0))
                .put("total_tokens", answer.inputTokens() + answer.outputTokens());
    }

    private static String status(Generated answer) {
        return isComplete(answer) ? "completed" : "incomplete";
    }

    private static String incompleteReason(Generated answer) {
        return finishReason(answer).equals("length") ? "max_output_tokens" : finishReason(answer);
    }

    private static String finishReason(Generated answer) {
        return answer.choices().getFirst().finishReason();
    }
}
