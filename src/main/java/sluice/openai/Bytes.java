package sluice.openai;

import io.netty.buffer.ByteBuf;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;

/** The bytes of a buffer: its own array if it has one, otherwise a copy. Read-only. */
final class Bytes {
    final byte[] array;
    final int from;
    final int to;

    private Bytes(byte[] array, int from, int to) {
        this.array = array;
        this.from = from;
        this.to = to;
    }

    static Bytes of(Buffer buffer) {
        if (buffer instanceof BufferInternal inner) {
            ByteBuf bytes = inner.unwrap();
            if (bytes.hasArray()) {
                int from = bytes.arrayOffset() + bytes.readerIndex();
                return new Bytes(bytes.array(), from, from + bytes.readableBytes());
            }
        }
        byte[] copy = buffer.getBytes();
        return new Bytes(copy, 0, copy.length);
    }
}
