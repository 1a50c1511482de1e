package sluice.openai;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know of a JSON request body; read in one pass by {@link EnvelopeReader}.
 *
 * @param model       the model named, or null
 * @param others      the models that it names deeper: of tools, sessions, graders, fallbacks
 * @param stream      whether the answer is to be a stream of events
 * @param usageOption what must be written where for its stream to tell usage; null where it does already
 * @param inputChars  characters of the texts that the model reads; a token of an array of numbers counts as four
 * @param maxOutput   the most tokens that one answer may have, or -1 where the caller does not say; what is no such number
 *                    counts as the largest
 * @param choices     how many answers it asks for, at least 1; likewise
 * @param serviceTier the service tier that it asks for; empty for the usual one
 * @param traits      what else it asks for
 * @param start       the index behind the brace that opens the object
 * @param empty       whether it has no fields at all
 */
public record Envelope(@Nullable String model, Set<String> others, boolean stream, @Nullable Splice usageOption,
        long inputChars, long maxOutput, long choices, String serviceTier, Set<Trait> traits, int start,
        boolean empty) {

    /** For a body that is not inspected. */
    public static final Envelope NONE = new Envelope(null, Set.of(), false, null, 0, -1, 1, "", Set.of(), 0, true);

    /**
     * A change of the bytes of a body.
     *
     * @param from index of the first byte that goes
     * @param to   behind the last one; equal to {@code from} where nothing goes
     * @param text that comes in their place
     */
    public record Splice(int from, int to, String text) {}
}
