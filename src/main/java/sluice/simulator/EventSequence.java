package sluice.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.function.IntFunction;

/**
 * The server-sent events of one stream, made one by one when they are due.
 *
 * @param size  events in all, the last of them the end mark
 * @param event the text of the event at an index
 */
record EventSequence(int size, IntFunction<String> event) {
    private static final String DONE = "data: [DONE]\n\n";

    Buffer at(int index) {
        return Buffer.buffer(event.apply(index));
    }

    static EventSequence of(Generated answer, int chunks) {
        return answer.call().endpoint() == Endpoint.RESPONSES
                ? ResponseEvents.of(answer, chunks)
                : chunked(answer, chunks);
    }

    /**
     * Chat and completions. The choices take turns: each has a first chunk with its role (chat only), its pieces of
     * text, and a last chunk with its finish reason. Then come the usage, if asked for, and the end mark.
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
                return DONE;
            }
            if (index >= choices * rounds) {
                return data(shape.usage());
            }
            Generated.Choice choice = answer.choices().get(index % choices);
            int round = index / choices;
            if (round < first) {
                return data(shape.role(choice));
            }
            return data(round == rounds - 1 ? shape.finish(choice) : shape.piece(choice, round - first));
        });
    }

    private static String data(JsonObject chunk) {
        return "data: " + chunk.encode() + "\n\n";
    }
}
