package sluice.simulator.answers;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A call for text, or about text.
 *
 * @param inputs    texts to answer one by one: prompts, or inputs of embeddings and moderations
 * @param choices   answers requested for each input
 * @param maxOutput the most tokens of one answer, {@link #UNBOUNDED} if not given
 * @param tool      the function to call instead of answering with text, or null
 * @param schema    the schema of the answer, null for plain text
 * @param topLogprobs how many alternatives to report for each token, empty for no log probabilities
 */
public record Call(Endpoint endpoint, String model, JsonObject body, List<String> inputs, int choices, int maxOutput,
        boolean stream, boolean includeUsage, @Nullable Tool tool, @Nullable JsonObject schema,
        OptionalInt topLogprobs) {
    public static final int UNBOUNDED = Integer.MAX_VALUE;
    private static final int CHARACTERS_PER_TOKEN = 4;

    /** Prompt tokens: a quarter of the characters, rounded up. */
    long inputTokens() {
        long characters = inputs.stream().mapToLong(String::length).sum();
        return Math.max(1, Math.ceilDiv(characters, CHARACTERS_PER_TOKEN));
    }

    /** The service tier that serves it: the one asked for. */
    public String serviceTier() {
        return body.getValue("service_tier") instanceof String tier && !tier.equals("auto") ? tier : "default";
    }

    /** Whether its answer is to be spoken. */
    boolean speaks() {
        return endpoint == Endpoint.CHAT && body.getValue("audio") instanceof JsonObject
                && body.getValue("modalities") instanceof JsonArray modalities && modalities.contains("audio");
    }

    /** Whether its answer is to be stored. */
    public boolean stores(boolean ifNotSaid) {
        return body.getValue("store") instanceof Boolean store ? store : ifNotSaid;
    }

    /** Whether its answer is to be fetched later. */
    public boolean background() {
        return endpoint == Endpoint.RESPONSES && Boolean.TRUE.equals(body.getValue("background"));
    }

    /**
     * Tokens charged on admission: the larger of its prompt tokens and the most output it allows. Not corrected later.
     * Moderations are free.
     */
    public long tokensCharged() {
        if (endpoint == Endpoint.MODERATIONS) {
            return 0;
        }
        return maxOutput == UNBOUNDED ? inputTokens() : Math.max(inputTokens(), (long) maxOutput * choices);
    }
}
