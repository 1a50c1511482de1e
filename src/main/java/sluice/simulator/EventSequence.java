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
