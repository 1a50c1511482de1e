package sluice.simulator.answers;

import sluice.simulator.wire.EventSequence;

/** The events of the streams of chat, completions and responses. */
public final class AnswerEvents {

    private AnswerEvents() {}

    public static EventSequence of(Generated answer, int chunks) {
        return answer.call().endpoint() == Endpoint.RESPONSES
                ? ResponseEvents.of(answer, chunks)
                : chunked(answer, chunks);
    }

    /**
     * Chat and completions. The choices take turns: each has a first chunk with its role (chat only), its pieces of
     * text, and a last chunk with its finish reason. The usage, if requested, and the end mark follow.
     */
    private static EventSequence chunked(Generated answer, int chunks) {
        int choices = answer.choices().size();
        int first = answer.call().endpoint() == Endpoint.CHAT ? 1 : 0;
        int rounds = first + chunks + 1;
        int usage = answer.call().includeUsage() ? 1 : 0;
        int size = choices * rounds + usage + 1;
        ChunkShape shape = new ChunkShape(answer, chunks);
        return new EventSequence(size, index -> {
            if (index == size - 1) {
                return EventSequence.DONE;
            }
            if (index >= choices * rounds) {
                return EventSequence.data(shape.usage());
            }
            Generated.Choice choice = answer.choices().get(index % choices);
            int round = index / choices;
            if (round < first) {
                return EventSequence.data(shape.role(choice));
            }
            return EventSequence.data(round == rounds - 1 ? shape.finish(choice) : shape.piece(choice, round - first));
        });
    }
}
