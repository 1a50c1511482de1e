package sluice.upstream;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/**
 * Skips interim answers (RFC 9110, section 15.2). Vert.x knows 100, 101 and 103, and would take any other status
 * below 200 for the answer itself.
 */
final class InterimAnswers {
    private static final int CONTINUE = 100;
    private static final int SWITCHING = 101;
    private static final int EARLY_HINTS = 103;
    private static final int FIRST_FINAL = 200;

    private InterimAnswers() {}

    /** Watches a connection on which nothing has been sent yet. */
    static void install(HttpConnection connection, String codec) {
        if (connection instanceof ConnectionBase base) {
            Channel channel = base.channel();
            ChannelPipeline pipeline = channel.pipeline();
            Http2ConnectionHandler http2 = pipeline.get(Http2ConnectionHandler.class);
            if (http2 != null) {
                http2.decoder().frameListener(new Frames(http2));
            } else if (pipeline.get(codec) != null) {
                pipeline.addAfter(codec, null, new Messages());
            }
        }
    }

    private static boolean isUnknown(int status) {
        return status < FIRST_FINAL && status >= CONTINUE && status != CONTINUE && status != SWITCHING
                && status != EARLY_HINTS;
    }

    /** HTTP/1.1: drops the head, and the empty body that the decoder adds to it. */
    private static final class Messages extends ChannelInboundHandlerAdapter {
        private boolean dropping;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpResponse response) {
                dropping = isUnknown(response.status().code());
            }
            boolean drop = dropping && (message instanceof HttpResponse || message instanceof HttpContent);
            dropping &= !(message instanceof LastHttpContent);
            if (drop) {
                ReferenceCountUtil.release(message);
            } else {
                context.fireChannelRead(message);
            }
        }
    }

    /** HTTP/2: drops the frame. */
    private static final class Frames extends Http2FrameListenerDecorator {

        Frames(Http2ConnectionHandler http2) {
            super(http2.decoder().frameListener());
        }

        @Override
        public void onHeadersRead(ChannelHandlerContext context, int stream, Http2Headers headers, int padding,
                boolean end) throws Http2Exception {
            if (end || !isUnknown(status(headers.status()))) {
                super.onHeadersRead(context, stream, headers, padding, end);
            }
        }

        @Override
        public void onHeadersRead(ChannelHandlerContext context, int stream, Http2Headers headers, int dependency,
                short weight, boolean exclusive, int padding, boolean end) throws Http2Exception {
            if (end || !isUnknown(status(headers.status()))) {
                super.onHeadersRead(context, stream, headers, dependency, weight, exclusive, padding, end);
            }
        }

        private static int status(@Nullable CharSequence text) {
            return text != null && text.length() == 3 && text.charAt(0) == '1'
                    ? CONTINUE + 10 * (text.charAt(1) - '0') + text.charAt(2) - '0'
                    : FIRST_FINAL;
        }
    }
}
