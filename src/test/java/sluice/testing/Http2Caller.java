package sluice.testing;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersEncoder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/** A caller over HTTP/2 and TLS that checks nothing of what it sends; each exchange has a connection of its own. */
public final class Http2Caller implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final int port;

    /** Connects to a server on loopback. */
    public Http2Caller(int port) {
        this.port = port;
    }

    /** Headers that may be anything, pseudo headers included, in the order in which they are added. */
    public static Http2Headers headers(String... namesAndValues) {
        Http2Headers headers = new DefaultHttp2Headers(false, false, namesAndValues.length);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            headers.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return headers;
    }

    /** Sends a request; its answer as status, a line end and the body, or {@code reset} in its place. */
    public String send(Http2Headers head, String body) throws Exception {
        CompletableFuture<String> answer = new CompletableFuture<>();
        Channel channel = new Bootstrap().group(loop).channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<>() {
                    @Override
                    protected void initChannel(Channel opened) throws SSLException {
                        opened.pipeline().addLast(tls().newHandler(opened.alloc()), Http2FrameCodecBuilder.forClient()
                                .validateHeaders(false).encoderIgnoreMaxHeaderListSize(true)
                                .headerSensitivityDetector(Http2HeadersEncoder.NEVER_SENSITIVE).build(),
                                new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()), new Answer(answer));
                    }
                }).connect("127.0.0.1", port).sync().channel();
        try {
            Channel stream = new Http2StreamChannelBootstrap(channel).handler(new Answer(answer)).open().sync()
                    .getNow();
            var _ = stream.write(new DefaultHttp2HeadersFrame(head, body.isEmpty()));
            if (!body.isEmpty()) {
                ByteBuf bytes = Unpooled.copiedBuffer(body, StandardCharsets.UTF_8);
                var _ = stream.write(new DefaultHttp2DataFrame(bytes, true));
            }
            stream.flush();
            return answer.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } finally {
            channel.close().sync();
        }
    }

    private static SslContext tls() throws SSLException {
        return SslContextBuilder.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE)
                .endpointIdentificationAlgorithm(null)
                .applicationProtocolConfig(new ApplicationProtocolConfig(Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE, SelectedListenerFailureBehavior.ACCEPT, "h2"))
                .build();
    }

    @Override
    public void close() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    /** Reads one answer. */
    private static final class Answer extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<String> told;
        private final StringBuilder read = new StringBuilder();

        Answer(CompletableFuture<String> told) {
            this.told = told;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object frame) {
            switch (frame) {
                case Http2HeadersFrame head -> {
                    CharSequence status = head.headers().status();
                    read.append(status == null ? head.headers().toString() : status + "\n");
                    end(head.isEndStream());
                }
                case Http2DataFrame data -> {
                    read.append(data.content().toString(StandardCharsets.UTF_8));
                    end(data.isEndStream());
                }
                default -> {
                    // Settings and the like.
                }
            }
            ReferenceCountUtil.release(frame);
        }

        private void end(boolean ended) {
            if (ended) {
                told.complete(read.toString());
            }
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            told.complete("reset");
        }
    }
}
