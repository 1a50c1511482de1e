package sluice.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.impl.headers.Http1xHeaders;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import sluice.inbound.InboundResponse;

/**
 * The answer to a plain call, written as bytes: its head goes out with the first of its body. An answer that is not as
 * long as it says ends its connection, so that nothing can be taken for part of another.
 */
final class PlainResponse implements InboundResponse {
    private static final int CRLF = '\r' << 8 | '\n';
    private static final int HEAD_GUESS = 1024;
    private static final int FRAME_GUESS = 32;
    private static final int OK = 200;
    private static final int NO_CONTENT = 204;
    private static final int RESET_CONTENT = 205;
    private static final int NOT_MODIFIED = 304;
    private static final byte[] VERSION = bytes("HTTP/1.1 ");
    private static final byte[] OK_LINE = bytes("HTTP/1.1 200 OK\r\n");
    private static final byte[] LAST_CHUNK = bytes("0\r\n");

    private final PlainConnection connection;
    private final PlainRequest request;
    private final Http1xHeaders headers = Http1xHeaders.httpHeaders();
    private @Nullable Http1xHeaders trailers;
    private Runnable drained = () -> {};
    private int status = OK;
    private boolean empty;
    private boolean chunked;
    /** How much of its body has yet to be written; below 0 if its length is not known beforehand. */
    private long missing = -1;
    private boolean headWritten;
    private boolean ended;
    private boolean closed;

    PlainResponse(PlainConnection connection, PlainRequest request) {
        this.connection = connection;
        this.request = request;
    }

    @Override
    public void status(int code) {
        status = code;
    }

    @Override
    public MultiMap headers() {
        return headers;
    }

    @Override
    public MultiMap trailers() {
        if (trailers == null) {
            trailers = Http1xHeaders.httpHeaders();
        }
        return trailers;
    }

    @Override
    public void open() {
        headers.set(HttpHeaders.TRANSFER_ENCODING, HttpHeaders.CHUNKED);
    }

    @Override
    public void closing() {
        headers.set(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
    }

    @Override
    public Future<Void> write(Buffer piece) {
        return send(((BufferInternal) piece).getByteBuf(), false);
    }

    @Override
    public Future<Void> end(Buffer last) {
        return send(((BufferInternal) last).getByteBuf(), true);
    }

    @Override
    public Future<Void> end() {
        return end(Buffer.buffer());
    }

    @Override
    public boolean writeQueueFull() {
        return !connection.isWritable();
    }

    @Override
    public void drainHandler(Runnable action) {
        drained = action;
    }

    @Override
    public boolean headWritten() {
        return headWritten;
    }

    @Override
    public boolean isEnded() {
        return ended;
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public boolean endsWithConnection() {
        return false;
    }

    @Override
    public boolean isMultiplexed() {
        return false;
    }

    @Override
    public void cancel() {
        if (!ended) {
            connection.close();
        }
    }

    @Override
    public void abort() {
        cancel();
    }

    /** The socket accepts more again. */
    void drained() {
        drained.run();
    }

    /** Its caller has left. */
    void closed() {
        closed = true;
    }

    private Future<Void> send(ByteBuf body, boolean last) {
        if (ended) {
            throw new IllegalStateException("the answer has been written already");
        }
        int length = body.readableBytes();
        ByteBuf out = connection.buffer((headWritten ? FRAME_GUESS : HEAD_GUESS) + length);
        try {
            if (!headWritten) {
                frame(last ? length : -1);
                writeHead(out);
            }
            writeBody(out, body, last);
        } catch (RuntimeException fault) {
            out.release();
            throw fault;
        }
        ended = last;
        Future<Void> written = connection.write(out);
        if (missing >= 0) {
            missing -= length;
            if (missing < 0 || (last && missing > 0)) {
                connection.close();
            }
        }
        if (last) {
            connection.settle(request);
        }
        return written;
    }

    private void writeHead(ByteBuf out) {
        headWritten = true;
        if (status == OK) {
            out.writeBytes(OK_LINE);
        } else {
            HttpResponseStatus line = HttpResponseStatus.valueOf(status);
            out.writeBytes(VERSION);
            ByteBufUtil.writeAscii(out, line.codeAsText());
            out.writeByte(' ');
            ByteBufUtil.writeAscii(out, line.reasonPhrase());
            ByteBufUtil.writeShortBE(out, CRLF);
        }
        headers.encode(out, false);
        ByteBufUtil.writeShortBE(out, CRLF);
    }

    /**
     * Settles how the end of the body is known (RFC 9112, section 6.3).
     *
     * @param length of the whole body if it is written at once, or -1
     */
    private void frame(int length) {
        empty = status < OK || status == NO_CONTENT || status == RESET_CONTENT || status == NOT_MODIFIED;
        if (!headers.contains(HttpHeaders.TRANSFER_ENCODING) && !headers.contains(HttpHeaders.CONTENT_LENGTH)) {
            if (length < 0) {
                open();
            } else if (status != NOT_MODIFIED) {
                headers.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(length));
            }
        }
        if (empty) {
            headers.remove(HttpHeaders.TRANSFER_ENCODING);
        }
        if (status < OK || status == NO_CONTENT) {
            headers.remove(HttpHeaders.CONTENT_LENGTH);
        } else if (status == RESET_CONTENT) {
            headers.set(HttpHeaders.CONTENT_LENGTH, "0");
        }
        chunked = headers.contains(HttpHeaders.TRANSFER_ENCODING);
        missing = chunked || empty ? -1 : Long.parseLong(headers.get(HttpHeaders.CONTENT_LENGTH));
    }

    private void writeBody(ByteBuf out, ByteBuf body, boolean last) {
        if (empty) {
            return;
        }
        int length = body.readableBytes();
        if (!chunked) {
            out.writeBytes(body, body.readerIndex(), length);
            return;
        }
        if (length > 0) {
            ByteBufUtil.writeAscii(out, Integer.toHexString(length));
            ByteBufUtil.writeShortBE(out, CRLF);
            out.writeBytes(body, body.readerIndex(), length);
            ByteBufUtil.writeShortBE(out, CRLF);
        }
        if (last) {
            out.writeBytes(LAST_CHUNK);
            if (trailers != null) {
                trailers.encode(out, false);
            }
            ByteBufUtil.writeShortBE(out, CRLF);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
