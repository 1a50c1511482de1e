package sluice.upstream;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Closes an HTTP/1.1 connection on which the upstream sends unsolicited data, which could be mistaken for the answer
 * to the next call.
 */
final class IdleGuard {
    /** The name of the HTTP/1.1 decoder in the pipeline. */
    static final String CODEC = "codec";

    private boolean asked;
    private boolean interim;

    private IdleGuard() {}

    /** Watches a connection on which nothing has been sent yet; HTTP/2 needs no watching. */
    static void install(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            Channel channel = base.channel();
            ChannelPipeline pipeline = channel.pipeline();
            if (pipeline.get(CODEC) != null) {
                IdleGuard guard = new IdleGuard();
                pipeline.addBefore(CODEC, null, guard.new Bytes());
                pipeline.addAfter(CODEC, null, guard.new Messages());
            }
        }
    }

    /** Sees bytes before they are decoded. */
    private final class Bytes extends ChannelInboundHandlerAdapter {

        @Override
        public void channelRead(ChannelHandlerContext context, Object read) {
            if (!asked) {
                ReferenceCountUtil.release(read);
                var _ = context.close();
                return;
            }
            context.fireChannelRead(read);
            // What the decoder still holds is beyond the end of the answer.
            if (!asked && read instanceof ByteBuf bytes && bytes.refCnt() > 0) {
                var _ = context.close();
            }
        }
    }

    /** Sees requests and answers. */
    private final class Messages extends ChannelDuplexHandler {

        @Override
        public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
            asked |= message instanceof HttpRequest;
            var _ = context.write(message, promise);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpResponse response) {
                interim = response.status().code() < 200;
            }
            if (message instanceof LastHttpContent && !interim) {
                asked = false;
            }
            context.fireChannelRead(message);
        }
    }
}
