package sluice.simulator.wire;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;

/**
 * The pieces of one stream, mostly server-sent events, each made when it is due.
 *
 * @param size  number of pieces; for events, the last one is the end mark
 * @param piece the piece at an index
 */
public record EventSequence(int size, IntFunction<Buffer> piece) {
    public static final Buffer DONE = Buffer.buffer("data: [DONE]\n\n");
    private static final int BLOCK = 64 * 1024;

    public Buffer at(int index) {
        return piece.apply(index);
    }

    /** Bytes in blocks, each made when it is due from its offset and length. */
    public static EventSequence blocks(long size, BiFunction<Long, Integer, Buffer> block) {
        return new EventSequence((int) Math.ceilDiv(size, (long) BLOCK), index -> {
            long from = (long) index * BLOCK;
            return block.apply(from, (int) Math.min(BLOCK, size - from));
        });
    }

    /** Events that are all known in advance. */
    public static EventSequence of(List<Buffer> events) {
        return new EventSequence(events.size(), events::get);
    }

    /** The same pieces, each written another way. */
    public EventSequence rewritten(UnaryOperator<Buffer> way) {
        return new EventSequence(size, index -> way.apply(piece.apply(index)));
    }

    /** The events from an index on. */
    public EventSequence from(int first) {
        int skipped = Math.min(first, size);
        return new EventSequence(size - skipped, index -> piece.apply(index + skipped));
    }

    /** An unnamed event. */
    public static Buffer data(JsonObject event) {
        return Buffer.buffer("data: " + event.encode() + "\n\n");
    }

    /** A named event. */
    public static Buffer named(String name, JsonObject event) {
        return Buffer.buffer("event: " + name + "\ndata: " + event.encode() + "\n\n");
    }

    /** An event named after its type. */
    public static Buffer typed(JsonObject event) {
        return named(event.getString("type"), event);
    }
}
