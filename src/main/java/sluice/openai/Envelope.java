package sluice.openai;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway must know of a JSON request body; read in one pass by {@link EnvelopeReader}.
 *
 * @param model        the model named, or null
 * @param stream       whether the answer is to be a stream of events
 * @param includeUsage whether the caller asked for usage in the stream
 * @param traits       what else it asks for
 * @param empty        whether it has no fields at all
 */
public record Envelope(@Nullable String model, boolean stream, boolean includeUsage, Set<Trait> traits,
        boolean empty) {}
