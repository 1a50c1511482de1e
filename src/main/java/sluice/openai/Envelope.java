package sluice.openai;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know of a JSON request body; read in one pass by {@link EnvelopeReader}.
 *
 * @param model        the model named, or null
 * @param stream       whether the answer is to be a stream of events
 * @param includeUsage whether the caller asked for usage in the stream
 * @param inputChars   characters of the texts that the model reads; a token of an array of numbers counts as four
 * @param maxOutput    the most tokens that one answer may have, or -1 where the caller does not say
 * @param choices      how many answers it asks for, at least 1
 * @param traits       what else it asks for
 * @param empty        whether it has no fields at all
 */
public record Envelope(@Nullable String model, boolean stream, boolean includeUsage, long inputChars,
        long maxOutput, long choices, Set<Trait> traits, boolean empty) {}
