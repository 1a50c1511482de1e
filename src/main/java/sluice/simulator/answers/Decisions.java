package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;

/** Asks for the answers to questions about an input: always the same for the same, and the first choice or level. */
public record Decisions(String model, String input, JsonArray questions) implements Ask {
    private static final int CHARACTERS_PER_TOKEN = 4;
    private static final double SURE = 0.9;

    /** Reads the body of a call. */
    public static Decisions read(JsonObject body) {
        String model = Parameters.model(body.getValue("model"));
        String input = String.valueOf(Parameters.required(body, "input"));
        if (!(Parameters.required(body, "questions") instanceof JsonArray questions) || questions.isEmpty()) {
            throw new BadCall(ApiError.invalid("Ask at least one question.", "questions", "invalid_value"));
        }
        return new Decisions(model, input, questions);
    }

    @Override
    public long tokensCharged() {
        return Math.max(1, Math.ceilDiv(input.length() + questions.encode().length(), CHARACTERS_PER_TOKEN));
    }

    @Override
    public Reply reply(Manner manner) {
        return Reply.json(object());
    }

    /** The decision as an object. */
    public JsonObject object() {
        JsonArray answers = new JsonArray();
        for (Object question : questions) {
            answers.add(answer((JsonObject) question));
        }
        long output = questions.size();
        return new JsonObject().put("model", model).put("answers", answers).put("usage", new JsonObject()
                .put("input_tokens", tokensCharged())
                .put("input_tokens_details", new JsonObject().put("cached_tokens", 0).put("cache_write_tokens", 0))
                .put("output_tokens", output)
                .put("output_tokens_details", new JsonObject().put("reasoning_tokens", 0))
                .put("total_tokens", tokensCharged() + output));
    }

    private static JsonObject answer(JsonObject question) {
        JsonObject answer = new JsonObject().put("type", question.getValue("type"))
                .put("name", question.getValue("name"));
        return switch (question.getString("type", "")) {
            case "predicate" -> answer.put("probability", SURE);
            case "choice" -> {
                List<Object> values = values(question, "choices", "value");
                yield answer.put("choice", values.getFirst()).put("confidence", SURE)
                        .put("probabilities", probabilities(values, false));
            }
            case "score" -> {
                List<Object> labels = values(question, "levels", "label");
                yield answer.put("score", 0.0).put("confidence", SURE)
                        .put("probabilities", probabilities(labels, true));
            }
            default -> throw new BadCall(ApiError.invalid("Unknown type of question.", "questions", "invalid_value"));
        };
    }

    private static List<Object> values(JsonObject question, String list, String member) {
        List<Object> values = new ArrayList<>();
        for (Object each : question.getJsonArray(list, new JsonArray())) {
            values.add(((JsonObject) each).getValue(member));
        }
        if (values.isEmpty()) {
            throw new BadCall(ApiError.missing("questions." + list));
        }
        return values;
    }

    private static JsonArray probabilities(List<Object> values, boolean labels) {
        JsonArray probabilities = new JsonArray();
        for (int i = 0; i < values.size(); i++) {
            JsonObject each = new JsonObject().put("probability", i == 0 ? SURE : (1 - SURE) / (values.size() - 1));
            probabilities.add(labels
                    ? each.put("label", values.get(i)).put("value", i)
                    : each.put("value", values.get(i)));
        }
        return probabilities;
    }
}
