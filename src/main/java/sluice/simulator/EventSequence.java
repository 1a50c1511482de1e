package sluice.simulator;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntFunction;

/**
 * The pieces of one stream, mostly server-sent events, each made when it is due.
 *
 * @param size  number of pieces; for events, the last one is the end mark
 * @param piece the piece at an index
 */
record EventSequence(int size, IntFunction<Buffer> piece) {
    static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
    private static final int BLOCK = 64 * 1024;

    Buffer at(int index) {
        return piece.apply(index);
    }

    static EventSequence of(Generated answer, int chunks) {
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

    /** Bytes in blocks, each made when it is due from its offset and length. */
    static EventSequence blocks(long size, BiFunction<Long, Integer, Buffer> block) {
        return new EventSequence((int) Math.ceilDiv(size, (long) BLOCK), index -> {
            long from = (long) index * BLOCK;
            return block.apply(from, (int) Math.min(BLOCK, size - from));
        });
    }

    /** Events that are all known in advance. */
    static EventSequence of(List<Buffer> events) {
        return new EventSequence(events.size(), events::get);
    }

    /** The events from an index on. */
    EventSequence from(int first) {
        int skipped = Math.min(first, size);
        return new EventSequence(size - skipped, index -> piece.apply(index + skipped));
    }

    /** An unnamed event. */
    static Buffer data(JsonObject event) {
        return Buffer.buffer("data: " + event.encode() + "\n\n");
    }

    /** A named event. */
    static Buffer named(String name, JsonObject event) {
        return Buffer.buffer("event: " + name + "\ndata: " + event.encode() + "\n\n");
    }

    /** An event named after its type. */
    static Buffer typed(JsonObject event) {
        return named(event.getString("type"), event);
    }
}
