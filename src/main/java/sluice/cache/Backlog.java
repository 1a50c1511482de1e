package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;

/**
 * The part of an answer that is still wanted, by its place in the whole. Guarded by the lock of its {@link Flight}; its
 * memory is taken and given back on the leader's event loop.
 */
final class Backlog {
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private long from;
    private int length;
    private @Nullable Part memory;

    /** From now on it may take memory. */
    void open(Part room) {
        memory = room;
    }

    boolean isOpen() {
        return memory != null;
    }

    /** The place at which the answer has got to, in bytes. */
    long end() {
        return from + length;
    }

    /** Appends a piece; false if there is no room for it. */
    boolean append(Buffer piece) {
        int more = piece.length();
        if (memory == null || !memory.take(more).given()) {
            return false;
        }
        if (length + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, length == 0 ? more : Math.max(length + more, 2 * bytes.length));
        }
        piece.getBytes(bytes, length);
        length += more;
        return true;
    }

    /** Drops everything before this place. */
    void discard(long place) {
        int read = (int) (place - from);
        if (read > 0 && memory != null) {
            System.arraycopy(bytes, read, bytes, 0, length - read);
            from = place;
            length -= read;
            memory.giveBack(read);
        }
    }

    /** Up to this many bytes from this place on. */
    Buffer read(long place, int most) {
        int begin = (int) (place - from);
        int count = Math.min(most, length - begin);
        return count <= 0 ? Buffer.buffer() : Buffer.buffer(Arrays.copyOfRange(bytes, begin, begin + count));
    }

    /** All of it, if nothing was dropped; not to be changed. */
    byte[] whole() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    /** Drops everything, and takes no more. */
    void close() {
        from += length;
        length = 0;
        bytes = NOTHING;
        if (memory != null) {
            memory.close();
            memory = null;
        }
    }
}
