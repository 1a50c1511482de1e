package sluice.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AsciiString;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP/1 as the server does, and refuses what a proxy in front of it could have read differently (RFC 9112): a
 * folded header (section 5.2), a content length next to a chunked body, a transfer coding other than chunked, applied once
 * (6.1), and other versions of HTTP. It reads one head ahead: a request that waits for the answer to the previous one is the
 * last that is read before its turn, so that callers who send many at once hold their bytes here, and few of those.
 */
public final class StrictDecoder extends VertxHttpRequestDecoder {
    private static final String DECODER = "httpDecoder";
    private static final int CONTENT_TYPE_LENGTH = 12;
    private static final int CONTENT_LENGTH_LENGTH = 14;
    private static final int OVERLOOKED = 8;
    private static final int LOWER_CASE = 0x20;
    /** Far more than is read at once: only who sends on while the server asks for nothing gets there. */
    private static final int MOST_UNREAD = 1024 * 1024;

    private final Runnable headBegan;
    private boolean inHead = true;
    private boolean lineBegins;
    private boolean folded;
    private @Nullable HttpHeaders last;
    private boolean more;
    private boolean ended;
    private @Nullable Throwable refused;
    /** A head has been read whose request has not begun. */
    private boolean ahead;
    private boolean reading;
    /** Nothing is read from the socket, since what has arrived is not read either. */
    private boolean stopped;
    private @Nullable ChannelHandlerContext own;

    private StrictDecoder(Http1ServerConfig config, Runnable headBegan) {
        super(config);
        this.headBegan = headBegan;
    }

    /**
     * Decodes a connection from which nothing has been read yet; leaves HTTP/2 as it is.
     *
     * @param headBegan runs when part of a head has arrived, but not all of it
     * @return false if that cannot be done, and the connection must not be read
     */
    public static boolean install(HttpConnection connection, int maxHeadBytes, Runnable headBegan) {
        return connection instanceof ConnectionBase base
                && install(base.channel().pipeline(), maxHeadBytes, headBegan);
    }

    public static boolean install(ChannelPipeline pipeline, int maxHeadBytes, Runnable headBegan) {
        if (pipeline.get(Http2ConnectionHandler.class) != null) {
            return true;
        }
        if (pipeline.get(DECODER) == null) {
            return false;
        }
        pipeline.replace(DECODER, DECODER, new StrictDecoder(
                new Http1ServerConfig().setMaxHeaderSize(maxHeadBytes).setMaxInitialLineLength(maxHeadBytes),
                headBegan));
        return true;
    }

    /** The last request read has begun: the next may be read. */
    public static void begun(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            begun(base.channel().pipeline());
        }
    }

    /** The same, for a connection by its handlers. */
    public static void begun(ChannelPipeline pipeline) {
        StrictDecoder decoder = pipeline.get(StrictDecoder.class);
        if (decoder != null) {
            decoder.begun();
        }
    }

    /**
     * Takes nothing more after this request: whatever arrives now ends the connection, until it has become a WebSocket.
     *
     * @return false if something has arrived already
     */
    @SuppressWarnings("ReferenceEquality") // The very headers of this request, not equal ones.
    public static boolean end(HttpServerRequest request) {
        StrictDecoder decoder = request.connection() instanceof ConnectionBase base
                ? base.channel().pipeline().get(StrictDecoder.class)
                : null;
        if (decoder == null) {
            return true;
        }
        decoder.ended = decoder.last == request.headers() && !decoder.more;
        if (decoder.ended && request.connection() instanceof ConnectionBase base) {
            base.channel().pipeline().addBefore(DECODER, "frames", new FrameSplitter());
        }
        return decoder.ended;
    }

    /**
     * Vert.x 5.1.6 throws when it reports a lost connection, or a head that has been refused already, to a request that
     * waits behind another. All of them learn of the end of the connection anyway.
     */
    @Override
    @SuppressWarnings("ReferenceEquality") // The very failure that a head was refused for.
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause == refused || cause instanceof IOException || cause.getCause() instanceof IOException) {
            var _ = context.channel().close();
        } else {
            context.fireExceptionCaught(cause);
        }
    }

    /** Vert.x 5.1.6 overlooks one letter: it takes content-xength for content-length, and content-xype for content-type. */
    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        boolean looksRight = switch (length) {
            case CONTENT_TYPE_LENGTH -> (line[start + OVERLOOKED] | LOWER_CASE) == 't';
            case CONTENT_LENGTH_LENGTH -> (line[start + OVERLOOKED] | LOWER_CASE) == 'l';
            default -> true;
        };
        return looksRight ? super.splitHeaderName(line, start, length) : new AsciiString(line, start, length, true);
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        own = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        reading = true;
        try {
            super.channelRead(context, message);
        } finally {
            reading = false;
        }
        boolean unread = ahead && actualReadableBytes() > 0;
        if (unread || stopped) {
            stopped = unread;
            context.channel().config().setAutoRead(!unread);
        }
        if (unread && actualReadableBytes() > MOST_UNREAD) {
            var _ = context.channel().close();
        }
    }

    /** Netty would read on from the socket, since nothing could be decoded. */
    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        if (stopped) {
            context.fireChannelReadComplete();
        } else {
            super.channelReadComplete(context);
        }
    }

    private void begun() {
        ahead = false;
        if (stopped && !reading && own != null) {
            own.executor().execute(this::readOn);
        }
    }

    private void readOn() {
        if (own == null || own.isRemoved() || ahead) {
            return;
        }
        try {
            channelRead(own, Unpooled.EMPTY_BUFFER);
            channelReadComplete(own);
        } catch (Exception fault) {
            exceptionCaught(own, fault);
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        if (ended) {
            in.skipBytes(in.readableBytes());
            var _ = context.channel().close();
            return;
        }
        more |= inHead && in.isReadable();
        if (ahead) {
            return;
        }
        int from = in.readerIndex();
        int before = out.size();
        super.decode(context, in, out);
        if (inHead) {
            lookForFolds(in, from, in.readerIndex());
        }
        for (int i = before; i < out.size(); i++) {
            judge(out.get(i));
        }
        if (inHead && out.size() == before && in.writerIndex() > from) {
            headBegan.run();
        }
    }

    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("a content length next to a chunked body");
    }

    /** A header line that begins with white space continues the previous line. */
    private void lookForFolds(ByteBuf in, int from, int to) {
        int at = from;
        while (at < to) {
            byte first = in.getByte(at);
            folded |= lineBegins && (first == ' ' || first == '\t');
            int end = in.indexOf(at, to, (byte) '\n');
            lineBegins = end >= 0;
            at = lineBegins ? end + 1 : to;
        }
    }

    private void judge(Object decoded) {
        if (decoded instanceof HttpObject part && part.decoderResult().isFailure()) {
            part.setDecoderResult(DecoderResult.failure(withoutItsBytes(part.decoderResult().cause())));
        }
        if (decoded instanceof HttpMessage message) {
            if (message.decoderResult().isSuccess() && (folded || !isVersion(message) || !isFramed(message))) {
                message.setDecoderResult(DecoderResult.failure(new IllegalArgumentException("ambiguous head")));
            }
            if (message.decoderResult().isFailure()) {
                refused = message.decoderResult().cause();
            }
            ahead = true;
            inHead = false;
            folded = false;
            last = message.headers();
            more = false;
        }
        if (decoded instanceof LastHttpContent) {
            inHead = true;
            lineBegins = false;
        }
    }

    /** Netty's message quotes what it has read, keys included, and may reach a log; only messages about lengths may. */
    private static Throwable withoutItsBytes(Throwable cause) {
        return cause instanceof TooLongFrameException ? cause : new IllegalArgumentException("not HTTP");
    }

    private static boolean isVersion(HttpMessage message) {
        HttpVersion version = message.protocolVersion();
        return version.equals(HttpVersion.HTTP_1_1) || version.equals(HttpVersion.HTTP_1_0);
    }

    /** At most one transfer coding, which must be chunked, and none before HTTP/1.1. */
    private static boolean isFramed(HttpMessage message) {
        List<String> encodings = message.headers().getAll(HttpHeaderNames.TRANSFER_ENCODING);
        return encodings.isEmpty() || (encodings.size() == 1 && encodings.getFirst().equalsIgnoreCase("chunked")
                && message.protocolVersion().equals(HttpVersion.HTTP_1_1));
    }
}
