package sluice.upstream.http1;

import io.netty.buffer.Unpooled;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the answers of one connection, one after the other, from what each read of the socket brings. All of a body
 * that came with one read is handed on as one piece, without a copy.
 */
final class ResponseDecoder {

    /** Takes what an answer consists of, in order. */
    interface Sink {

        void head(ResponseHead head);

        /** A part of the body, never empty. */
        void piece(Buffer piece);

        void end(MultiMap trailers);
    }

    /** The longest head, and the longest trailers, in bytes. */
    static final int MOST_HEAD_BYTES = 64 * 1024;
    /** The longest line before a chunk. What follows the size is ignored. */
    private static final int MOST_CHUNK_LINE = 4 * 1024;
    private static final int MOST_SIZE_DIGITS = 15;
    private static final int FIRST_FINAL = 200;
    private static final int SWITCHING = 101;
    private static final byte[] NOTHING = new byte[0];

    private enum At {
        HEAD, BODY, TO_CLOSE, CHUNK_LINE, CHUNK, CHUNK_END, TRAILERS, OVER
    }

    private final HeadReader heads;
    private final Sink sink;
    private At at = At.OVER;
    private boolean bodyless;
    private boolean keepAlive;
    /** An unfinished head, line, or set of trailers. */
    private byte[] held = NOTHING;
    /** How much of the body, or of the chunk, is still to come. */
    private long left;
    /** Where the data of the chunks of one read ends, moved to their front. */
    private int moved;
    private @Nullable MultiMap trailers;

    ResponseDecoder(HeadReader heads, Sink sink) {
        this.heads = heads;
        this.sink = sink;
    }

    /** An answer is due. */
    void expect(boolean toHead) {
        at = At.HEAD;
        bodyless = toHead;
        left = -1;
    }

    /** Whether no answer is due, and another may follow. */
    boolean reusable() {
        return at == At.OVER && keepAlive;
    }

    /** Reads what has arrived; the array belongs to this from now on. */
    void read(byte[] arrived) throws MalformedResponse {
        byte[] bytes = held.length == 0 ? arrived : joined(held, arrived);
        held = NOTHING;
        if (at == At.HEAD) {
            head(bytes);
        } else {
            rest(bytes, 0);
        }
    }

    /** Reads what follows a head. When the answer has ended, the next may be due already. */
    private void rest(byte[] bytes, int from) throws MalformedResponse {
        switch (at) {
            case BODY -> body(bytes, from);
            case TO_CLOSE -> piece(bytes, from, bytes.length);
            case CHUNK_LINE, CHUNK, CHUNK_END, TRAILERS -> chunks(bytes, from);
            case HEAD, OVER -> throw new MalformedResponse("more than one answer");
        }
    }

    /** The connection has ended; says whether that is how the answer ends. */
    boolean closed() {
        if (at != At.TO_CLOSE) {
            return false;
        }
        end(HeadReader.NO_LINES, true);
        return true;
    }

    /** Skips interim answers (RFC 9110, section 15.2), and reads the final head and what follows it. */
    private void head(byte[] bytes) throws MalformedResponse {
        int from = 0;
        while (true) {
            int end = headEnd(bytes, from);
            if (end < 0) {
                hold(bytes, from, MOST_HEAD_BYTES);
                return;
            }
            if (end - from > MOST_HEAD_BYTES) {
                throw new MalformedResponse("a head of more than " + MOST_HEAD_BYTES + " bytes");
            }
            ResponseHead head = heads.read(bytes, from, end, bodyless);
            from = end;
            if (head.status() >= FIRST_FINAL || head.status() == SWITCHING) {
                begin(head, bytes, from);
                return;
            }
        }
    }

    private void begin(ResponseHead head, byte[] bytes, int from) throws MalformedResponse {
        keepAlive = head.keepAlive() && head.status() != SWITCHING;
        left = head.length();
        at = switch (head.framing()) {
            case LENGTH -> At.BODY;
            case CHUNKED -> At.CHUNK_LINE;
            case CLOSE -> At.TO_CLOSE;
        };
        sink.head(head);
        if (from < bytes.length || left == 0) {
            rest(bytes, from);
        }
    }

    private void body(byte[] bytes, int from) {
        int to = (int) Math.min(bytes.length, from + left);
        left -= to - from;
        piece(bytes, from, to);
        if (left == 0) {
            end(HeadReader.NO_LINES, to < bytes.length);
        }
    }

    /** Moves the data of all chunks to the front, and hands it on together. */
    private void chunks(byte[] bytes, int begin) throws MalformedResponse {
        int from = begin;
        moved = begin;
        while (from < bytes.length && trailers == null) {
            from = switch (at) {
                case CHUNK_LINE -> chunkLine(bytes, from);
                case CHUNK -> chunkData(bytes, from);
                case CHUNK_END -> chunkEnd(bytes, from);
                default -> trailers(bytes, from);
            };
        }
        piece(bytes, begin, moved);
        if (trailers != null) {
            MultiMap last = trailers;
            trailers = null;
            end(last, from < bytes.length);
        }
    }

    private int chunkLine(byte[] bytes, int from) throws MalformedResponse {
        int end = lineEnd(bytes, from, MOST_CHUNK_LINE);
        if (end < 0) {
            return hold(bytes, from, MOST_CHUNK_LINE);
        }
        left = size(bytes, from, end);
        at = left == 0 ? At.TRAILERS : At.CHUNK;
        return end + 2;
    }

    private int chunkData(byte[] bytes, int from) {
        int some = (int) Math.min(left, bytes.length - from);
        if (moved != from) {
            System.arraycopy(bytes, from, bytes, moved, some);
        }
        moved += some;
        left -= some;
        at = left == 0 ? At.CHUNK_END : At.CHUNK;
        return from + some;
    }

    private int chunkEnd(byte[] bytes, int from) throws MalformedResponse {
        if (bytes.length - from == 1 && bytes[from] == '\r') {
            return hold(bytes, from, 2);
        }
        if (bytes[from] != '\r' || bytes[from + 1] != '\n') {
            throw new MalformedResponse("a chunk longer than its size");
        }
        at = At.CHUNK_LINE;
        return from + 2;
    }

    private int trailers(byte[] bytes, int from) throws MalformedResponse {
        int end = trailersEnd(bytes, from);
        if (end < 0) {
            return hold(bytes, from, MOST_HEAD_BYTES);
        }
        trailers = heads.headers(bytes, from, end - 2);
        return end;
    }

    private void piece(byte[] bytes, int from, int to) {
        if (to > from) {
            sink.piece(BufferInternal.buffer(Unpooled.wrappedBuffer(bytes, from, to - from)));
        }
    }

    /** Nothing is touched after this: the next answer may be due. */
    private void end(MultiMap trailers, boolean more) {
        at = At.OVER;
        keepAlive &= !more;
        sink.end(trailers);
    }

    /** Keeps the rest until more arrives; says where it ends. */
    private int hold(byte[] bytes, int from, int most) throws MalformedResponse {
        if (bytes.length - from > most) {
            throw new MalformedResponse("a head or a line of more than " + most + " bytes");
        }
        held = from == 0 ? bytes : Arrays.copyOfRange(bytes, from, bytes.length);
        return bytes.length;
    }

    /** Behind the first empty line; -1 if there is none. */
    private static int headEnd(byte[] bytes, int from) {
        for (int i = from; i + 3 < bytes.length; i++) {
            if (bytes[i] == '\r' && bytes[i + 1] == '\n' && bytes[i + 2] == '\r' && bytes[i + 3] == '\n') {
                return i + 4;
            }
        }
        return -1;
    }

    /** As for a head, but that there may be no line before the empty one. */
    private static int trailersEnd(byte[] bytes, int from) {
        if (bytes.length - from >= 2 && bytes[from] == '\r' && bytes[from + 1] == '\n') {
            return from + 2;
        }
        return headEnd(bytes, from);
    }

    private static int lineEnd(byte[] bytes, int from, int most) throws MalformedResponse {
        int to = Math.min(bytes.length, from + most);
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\n') {
                throw new MalformedResponse("a chunk's line that does not end in CR and LF");
            }
            if (bytes[i] == '\r') {
                if (i + 1 == bytes.length) {
                    return -1;
                }
                if (bytes[i + 1] != '\n') {
                    throw new MalformedResponse("a chunk's line that does not end in CR and LF");
                }
                return i;
            }
        }
        return -1;
    }

    /** The size of a chunk in hexadecimal digits. Extensions, which nobody sends, may follow if they quote nothing. */
    private static long size(byte[] bytes, int from, int end) throws MalformedResponse {
        long size = 0;
        int i = from;
        for (; i < end; i++) {
            int digit = Character.digit(bytes[i], 16);
            if (digit < 0) {
                break;
            }
            size = size * 16 + digit;
        }
        boolean ended = i == end || bytes[i] == ';' || bytes[i] == ' ' || bytes[i] == '\t';
        if (i == from || i - from > MOST_SIZE_DIGITS || !ended) {
            throw new MalformedResponse("a chunk without a proper size");
        }
        for (; i < end; i++) {
            if (bytes[i] == '"' || (bytes[i] < ' ' && bytes[i] != '\t')) {
                throw new MalformedResponse("a chunk with an extension that cannot be skipped safely");
            }
        }
        return size;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
