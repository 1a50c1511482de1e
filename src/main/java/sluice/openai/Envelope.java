package sluice.openai;

import io.vertx.core.json.Json;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know about a JSON request body, read in one pass by {@link EnvelopeReader}.
 *
 * @param model       the model named, or null if there is none, or {@code null}
 * @param modelEdit   the edit that names a model in a body without one
 * @param others      the models named deeper inside: in tools, sessions, graders, fallbacks
 * @param stream      whether the answer is to be a stream of events
 * @param usageOption the edit that makes its stream report usage; null if it already does
 * @param inputChars  characters of text that the model reads; a token in an array of numbers counts as four
 * @param maxOutput   the most tokens one answer may have, or -1 if not given; an invalid value counts as the largest
 * @param choices     how many answers it asks for, at least 1; an invalid value counts as the largest
 * @param serviceTier the requested service tier; empty for the default
 * @param endUser     the caller's name for the end user: {@code safety_identifier}, or else {@code user}; empty if it
 *                    gives none, or one that is too long
 * @param cacheKey    the {@code prompt_cache_key}, which calls with a common beginning share; empty if it gives none, or
 *                    one that is too long
 * @param traits      what else it asks for
 * @param objects     the ids of stored objects that it names: files, responses, vector stores, …
 */
public record Envelope(@Nullable String model, Splice modelEdit, Set<String> others, boolean stream,
        @Nullable Splice usageOption, long inputChars, long maxOutput, long choices, String serviceTier,
        String endUser, String cacheKey, Set<Trait> traits, Set<String> objects) {

    /** For a body that is not inspected. */
    public static final Envelope NONE = new Envelope(null, new Splice(0, 0, ""), Set.of(), false, null, 0, -1, 1, "",
            "", "", Set.of(), Set.of());

    /** Whether a call with it names, changes or leaves behind something that only one account has. */
    public boolean boundToHome(Endpoint endpoint) {
        return endpoint.endpointClass() != EndpointClass.INFERENCE || stores(endpoint)
                || traits.contains(Trait.STORED_OBJECT);
    }

    /** Whether the answer to a call of a model is stored. */
    public boolean stores(Endpoint endpoint) {
        return (endpoint == Endpoint.RESPONSES && !traits.contains(Trait.NO_STORE)) || traits.contains(Trait.STORE)
                || traits.contains(Trait.BACKGROUND);
    }

    /**
     * An edit to the bytes of a body.
     *
     * @param from index of the first byte removed
     * @param to   index after the last byte removed; equal to {@code from} if none is
     * @param text the replacement
     */
    public record Splice(int from, int to, String text) {
        /** Stands for the model, as JSON, in the text. */
        static final String MODEL = "%s";

        /** This edit with the model that it names. */
        public Splice naming(String model) {
            return new Splice(from, to, text.replace(MODEL, Json.encode(model)));
        }
    }
}
