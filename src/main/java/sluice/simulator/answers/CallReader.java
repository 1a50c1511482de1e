package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;

/** Reads the JSON of a call and refuses whatever the API refuses. */
public final class CallReader {
    private static final String DEFAULT_PROMPT = "<|endoftext|>";
    private static final int INPUTS_MAX = 2048;
    private static final int CHOICES_MAX = 128;
    private static final int DIMENSIONS_MAX = 8192;
    private static final String LOGPROBS = "message.output_text.logprobs";
    private static final int LOGPROBS_MAX = 20;
    private static final int COMPLETION_LOGPROBS_MAX = 5;
    private static final int OUTPUT_MAX = 1_000_000;

    private CallReader() {}

    /**
     * Reads a call.
     *
     * @param engine the model named by a legacy path, whose body names none; otherwise null
     * @throws BadCall if the API would refuse it
     */
    public static Call read(Endpoint endpoint, @Nullable String engine, JsonObject body) {
        String model = Parameters.model(engine != null ? engine : body.getValue("model", defaultModel(endpoint)));
        Parameters.number(body, "dimensions", 1, DIMENSIONS_MAX, 1);
        boolean stream = endpoint.streams() && Parameters.flag(body, "stream");
        return new Call(endpoint, model, body, inputs(endpoint, body), Parameters.number(body, "n", 1, CHOICES_MAX, 1),
                maxOutput(endpoint, body), stream, stream && includeUsage(body),
                Tool.wanted(endpoint, body).orElse(null), AnswerFormat.wanted(endpoint, body).orElse(null),
                topLogprobs(endpoint, body));
    }

    private static @Nullable String defaultModel(Endpoint endpoint) {
        return endpoint == Endpoint.MODERATIONS ? "omni-moderation-latest" : null;
    }

    private static int maxOutput(Endpoint endpoint, JsonObject body) {
        return switch (endpoint) {
            case CHAT -> Parameters.number(body, "max_completion_tokens", 1, OUTPUT_MAX,
                    Parameters.number(body, "max_tokens", 1, OUTPUT_MAX, Call.UNBOUNDED));
            case COMPLETIONS -> Parameters.number(body, "max_tokens", 1, OUTPUT_MAX, Call.UNBOUNDED);
            case RESPONSES -> Parameters.number(body, "max_output_tokens", 1, OUTPUT_MAX, Call.UNBOUNDED);
            case EMBEDDINGS, MODERATIONS -> Call.UNBOUNDED;
        };
    }

    private static OptionalInt topLogprobs(Endpoint endpoint, JsonObject body) {
        int top = endpoint == Endpoint.COMPLETIONS
                ? Parameters.number(body, "logprobs", 0, COMPLETION_LOGPROBS_MAX, -1)
                : Parameters.number(body, "top_logprobs", 0, LOGPROBS_MAX, 0);
        boolean wanted = switch (endpoint) {
            case CHAT -> Parameters.flag(body, "logprobs");
            case COMPLETIONS -> top >= 0;
            case RESPONSES -> body.getValue("include") instanceof JsonArray more && more.contains(LOGPROBS);
            case EMBEDDINGS, MODERATIONS -> false;
        };
        if (endpoint == Endpoint.CHAT && top > 0 && !wanted) {
            throw new BadCall(ApiError.invalid("Invalid value: 'top_logprobs' requires 'logprobs' to be true.",
                    "top_logprobs", "invalid_value"));
        }
        return wanted ? OptionalInt.of(top) : OptionalInt.empty();
    }

    private static boolean includeUsage(JsonObject body) {
        return body.getValue("stream_options") instanceof JsonObject options
                && Parameters.flag(options, "include_usage");
    }

    private static List<String> inputs(Endpoint endpoint, JsonObject body) {
        return switch (endpoint) {
            case CHAT -> List.of(conversation(body.getValue("messages"), "messages"));
            case COMPLETIONS -> texts(Optional.ofNullable(body.getValue("prompt")).orElse(DEFAULT_PROMPT));
            case RESPONSES -> List.of(text(body.getValue("instructions"))
                    + (body.getValue("input") instanceof String input
                            ? input
                            : conversation(body.getValue("input"), "input")));
            case EMBEDDINGS, MODERATIONS -> texts(Parameters.required(body, "input"));
        };
    }

    private static String conversation(@Nullable Object messages, String name) {
        if (messages == null) {
            throw new BadCall(ApiError.missing(name));
        }
        if (!(messages instanceof JsonArray array)) {
            throw Parameters.wrongType(name, "an array of objects");
        }
        if (array.isEmpty()) {
            throw new BadCall(ApiError.invalid("Invalid '" + name
                    + "': empty array. Expected an array with minimum length 1, but got an empty array instead.", name,
                    "empty_array"));
        }
        StringBuilder all = new StringBuilder();
        for (Object message : array) {
            if (!(message instanceof JsonObject object)) {
                throw Parameters.wrongType(name, "an array of objects");
            }
            all.append(all.isEmpty() ? "" : "\n").append(text(object.getValue("content")));
        }
        return all.toString();
    }

    /** The text of some content: a string, or the {@code text} members of its parts. */
    private static String text(@Nullable Object content) {
        if (content instanceof String text) {
            return text;
        }
        if (content instanceof JsonObject part) {
            return text(part.getValue("text"));
        }
        StringBuilder all = new StringBuilder();
        if (content instanceof JsonArray parts) {
            parts.forEach(part -> all.append(text(part)));
        }
        return all.toString();
    }

    /** One text or several; a list of numbers is one text in tokens, a list of parts is one text in pieces. */
    private static List<String> texts(Object value) {
        if (value instanceof String one) {
            return List.of(one);
        }
        if (!(value instanceof JsonArray array) || array.isEmpty()) {
            throw Parameters.wrongType("input", "a string or an array, not empty");
        }
        Object first = array.getValue(0);
        if (first instanceof Number || first instanceof JsonObject) {
            return List.of(first instanceof Number ? array.encode() : text(array));
        }
        if (array.size() > INPUTS_MAX) {
            throw new BadCall(ApiError.invalid("Invalid 'input': array too long. Expected an array with maximum length "
                    + INPUTS_MAX + ", but got an array with length " + array.size() + " instead.", "input",
                    "array_above_max_length"));
        }
        List<String> texts = new ArrayList<>(array.size());
        array.forEach(item -> texts.add(item instanceof JsonArray tokens ? tokens.encode() : String.valueOf(item)));
        return texts;
    }
}
