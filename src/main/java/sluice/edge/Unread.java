package sluice.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Arrays;

/** What has arrived on a connection and has not been read, in one array. What has been given is never written again. */
final class Unread {
    private static final byte[] NOTHING = new byte[0];

    private byte[] bytes = NOTHING;
    private int from;
    private int to;

    boolean isEmpty() {
        return from == to;
    }

    int size() {
        return to - from;
    }

    /** The array; what lies between {@link #from} and {@link #to} is unread. */
    byte[] bytes() {
        return bytes;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    /** Copies what has arrived. */
    void add(ByteBuf in) {
        int count = in.readableBytes();
        if (from == to) {
            bytes = new byte[count];
            from = 0;
            to = 0;
        } else if (to + count > bytes.length) {
            bytes = Arrays.copyOfRange(bytes, from, from + Math.max(2 * size(), size() + count));
            to -= from;
            from = 0;
        }
        in.readBytes(bytes, to, count);
        to += count;
    }

    /** Passes over as many bytes. */
    void skip(int count) {
        from += count;
    }

    /** Gives as many bytes as there are, at most so many. */
    Buffer take(long most) {
        int count = (int) Math.min(most, size());
        Buffer taken = BufferInternal.buffer(Unpooled.wrappedBuffer(bytes, from, count));
        from += count;
        return taken;
    }

    /** Gives all that is left. */
    ByteBuf rest() {
        ByteBuf rest = Unpooled.wrappedBuffer(bytes, from, size());
        clear();
        return rest;
    }

    void clear() {
        bytes = NOTHING;
        from = 0;
        to = 0;
    }
}
