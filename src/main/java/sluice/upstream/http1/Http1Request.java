package sluice.upstream.http1;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import sluice.upstream.call.UpstreamRequest;
import sluice.upstream.call.UpstreamResponse;

/**
 * A request on a kept connection. Its head goes out with the first of its body; a long body goes out in slices, as the
 * socket takes them, so that no second copy of it lies in memory, and one in each turn of the event loop, since TLS takes
 * time to encrypt them.
 */
final class Http1Request implements UpstreamRequest {
    /** The most to copy for one write, in bytes: as much as a channel takes before it asks to wait. */
    private static final int SLICE = 64 * 1024;
    private static final int CRLF = '\r' << 8 | '\n';
    private static final int COLON = ':' << 8 | ' ';
    private static final int HEAD_GUESS = 1024;
    private static final byte[] VERSION = bytes(" HTTP/1.1\r\n");
    private static final byte[] CHUNKED = bytes("transfer-encoding: chunked\r\n");
    private static final byte[] LINE_END = bytes("\r\n");
    private static final byte[] NOTHING = new byte[0];
    private static final byte[] LAST_CHUNK = bytes("0\r\n\r\n");

    private final Http1Connection connection;
    private final HttpMethod method;
    private final String target;
    private final byte[] host;
    private final MultiMap headers = HttpHeaders.headers();
    private final Promise<UpstreamResponse> response = Promise.promise();
    private final Promise<Void> sent = Promise.promise();
    private boolean begun;
    private boolean chunked;
    private boolean ended;
    private boolean turnComes;
    private Runnable drained = () -> {};
    private ByteBuf rest = Unpooled.EMPTY_BUFFER;

    /**
     * @param target of the request line
     * @param host   the header line that names the upstream, with its end
     */
    Http1Request(Http1Connection connection, HttpMethod method, String target, byte[] host) {
        this.connection = connection;
        this.method = method;
        this.target = target;
        this.host = host;
    }

    @Override
    public MultiMap headers() {
        return headers;
    }

    @Override
    public Future<UpstreamResponse> response() {
        return response.future();
    }

    @Override
    public boolean untouched(Throwable failure) {
        return false;
    }

    @Override
    public void write(Buffer piece) {
        if (piece.length() > 0) {
            send(((BufferInternal) piece).getByteBuf(), false);
        }
    }

    @Override
    public Future<Void> end(Buffer last) {
        if (!begun && !headers.contains(HttpHeaders.CONTENT_LENGTH)) {
            headers.set(HttpHeaders.CONTENT_LENGTH, Integer.toString(last.length()));
        }
        send(((BufferInternal) last).getByteBuf(), true);
        return sent.future();
    }

    @Override
    public Future<Void> end() {
        boolean mayHaveBody = method.equals(HttpMethod.POST) || method.equals(HttpMethod.PUT)
                || method.equals(HttpMethod.PATCH);
        if (!begun && mayHaveBody && !headers.contains(HttpHeaders.CONTENT_LENGTH)) {
            headers.set(HttpHeaders.CONTENT_LENGTH, "0");
        }
        send(Unpooled.EMPTY_BUFFER, true);
        return sent.future();
    }

    @Override
    public boolean writeQueueFull() {
        return rest.isReadable() || !connection.isWritable();
    }

    @Override
    public void drainHandler(Runnable action) {
        drained = action;
    }

    @Override
    public void cut() {
        connection.cut(this);
    }

    boolean toHead() {
        return method.equals(HttpMethod.HEAD);
    }

    /** Whether the socket has accepted all of it. */
    boolean whole() {
        return sent.future().succeeded();
    }

    /** The head of its answer has arrived. */
    void answered(Http1Response answer) {
        response.complete(answer);
    }

    /** There will be no answer, and no more of the request will be accepted. */
    void broke(Throwable why) {
        rest = Unpooled.EMPTY_BUFFER;
        sent.tryFail(why);
        response.tryFail(why);
    }

    /** The socket takes more. */
    void writable() {
        if (rest.isReadable()) {
            sendRest();
        }
        if (!writeQueueFull()) {
            drained.run();
        }
    }

    private void nextTurn() {
        turnComes = false;
        if (rest.isReadable() && connection.isWritable()) {
            writable();
        }
    }

    private void send(ByteBuf body, boolean last) {
        if (connection.isOver(this)) {
            sent.tryFail(new IOException("the connection to the upstream has ended"));
            return;
        }
        if (!begun) {
            // A body whose length is not known yet is framed in chunks.
            chunked = !last && !headers.contains(HttpHeaders.CONTENT_LENGTH);
        }
        ended |= last;
        ByteBuf framed = chunked ? chunk(body, last) : body;
        if (rest.isReadable()) {
            rest = Unpooled.wrappedBuffer(rest, framed);
        } else {
            rest = framed;
            sendRest();
        }
    }

    private void sendRest() {
        if (turnComes) {
            return;
        }
        int now = Math.min(rest.readableBytes(), SLICE);
        ByteBuf out = connection.buffer(begun ? now : HEAD_GUESS + now);
        if (!begun) {
            begun = true;
            writeHead(out);
        }
        out.writeBytes(rest, now);
        if (rest.isReadable()) {
            turnComes = true;
            connection.inNextTurn(this::nextTurn);
        }
        connection.write(out, ended && !rest.isReadable() ? sent : null);
    }

    private static ByteBuf chunk(ByteBuf body, boolean last) {
        ByteBuf end = Unpooled.wrappedBuffer(last ? LAST_CHUNK : NOTHING);
        return body.isReadable()
                ? Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(bytes(Integer.toHexString(body.readableBytes()))),
                        Unpooled.wrappedBuffer(LINE_END), body, Unpooled.wrappedBuffer(LINE_END), end)
                : end;
    }

    private void writeHead(ByteBuf out) {
        ByteBufUtil.writeAscii(out, method.name());
        out.writeByte(' ');
        ByteBufUtil.writeAscii(out, target);
        out.writeBytes(VERSION).writeBytes(host);
        headers.forEach((name, value) -> {
            ByteBufUtil.writeAscii(out, name);
            ByteBufUtil.writeShortBE(out, COLON);
            ByteBufUtil.writeAscii(out, value);
            ByteBufUtil.writeShortBE(out, CRLF);
        });
        if (chunked) {
            out.writeBytes(CHUNKED);
        }
        ByteBufUtil.writeShortBE(out, CRLF);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
