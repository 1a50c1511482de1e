package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Log probabilities of a text's tokens and of alternatives, as far as the call requests them. */
final class Logprobs {
    private static final int SPREAD = 1000;

    private Logprobs() {}

    /** Of the tokens from one to before another, for chat; null for a tool call. */
    static @Nullable JsonObject ofChat(Call call, Text text, int from, int to) {
        return call.tool() != null
                ? null
                : new JsonObject().put("content", list(call, text, from, to)).putNull("refusal");
    }

    /** The same for responses; empty if the call does not ask. */
    static JsonArray list(Call call, Text text, int from, int to) {
        JsonArray all = new JsonArray();
        if (call.topLogprobs().isPresent()) {
            for (int i = from; i < to; i++) {
                JsonArray top = new JsonArray();
                for (int rank = 0; rank < call.topLogprobs().getAsInt(); rank++) {
                    top.add(entry(alternative(text.token(i), rank), logprob(text.token(i), rank)));
                }
                all.add(entry(text.token(i), logprob(text.token(i), 0)).put("top_logprobs", top));
            }
        }
        return all;
    }

    /**
     * The same for completions.
     *
     * @param offset of the first of these tokens from the beginning of the prompt, in characters
     */
    static JsonObject ofCompletion(Call call, Text text, int from, int to, int offset) {
        JsonArray tokens = new JsonArray();
        JsonArray logprobs = new JsonArray();
        JsonArray tops = new JsonArray();
        JsonArray offsets = new JsonArray();
        int at = offset;
        for (int i = from; i < to; i++) {
            JsonObject top = new JsonObject();
            for (int rank = 0; rank < call.topLogprobs().getAsInt(); rank++) {
                top.put(alternative(text.token(i), rank), logprob(text.token(i), rank));
            }
            tokens.add(text.token(i));
            logprobs.add(logprob(text.token(i), 0));
            tops.add(top);
            offsets.add(at);
            at += text.token(i).length();
        }
        return new JsonObject().put("tokens", tokens).put("token_logprobs", logprobs).put("top_logprobs", tops)
                .put("text_offset", offsets);
    }

    private static JsonObject entry(String token, double logprob) {
        JsonArray bytes = new JsonArray();
        for (byte each : token.getBytes(StandardCharsets.UTF_8)) {
            bytes.add(Byte.toUnsignedInt(each));
        }
        return new JsonObject().put("token", token).put("logprob", logprob).put("bytes", bytes);
    }

    /** The likeliest is the token itself. */
    private static String alternative(String token, int rank) {
        return rank == 0 ? token : token + "~" + rank;
    }

    private static double logprob(String token, int rank) {
        return -(1.0 + Long.remainderUnsigned(Prose.hash(token), SPREAD)) / SPREAD - rank;
    }
}
