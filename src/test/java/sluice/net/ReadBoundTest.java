package sluice.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.net.impl.ConnectionBase;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much of one connection is read in one turn of its event loop. */
@Timeout(60)
class ReadBoundTest {
    private static final int BODY = 32 * 1024 * 1024;

    /** Adds up what is read until nothing is left or the turn is over. */
    private static final class Turns extends ChannelInboundHandlerAdapter {
        private final AtomicInteger longest;
        private int bytes;

        Turns(AtomicInteger longest) {
            this.longest = longest;
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            bytes += ((ByteBuf) message).readableBytes();
            context.fireChannelRead(message);
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            longest.accumulateAndGet(bytes, Math::max);
            bytes = 0;
            context.fireChannelReadComplete();
        }
    }

    @Test
    void oneConnectionDoesNotFillATurn() throws Exception {
        AtomicInteger longest = new AtomicInteger();
        Vertx vertx = Vertx.vertx();
        try {
            HttpServer server = vertx.createHttpServer().connectionHandler(connection -> {
                ReadBound.install(connection);
                ((ConnectionBase) connection).channel().pipeline().addFirst(new Turns(longest));
            }).requestHandler(request -> request.end().onSuccess(all -> request.response().end()))
                    .listen(0, "127.0.0.1").await();
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.actualPort())) {
                OutputStream out = socket.getOutputStream();
                out.write(("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: " + BODY + "\r\n\r\n")
                        .getBytes(StandardCharsets.US_ASCII));
                out.write(new byte[BODY]);
                assertThat(socket.getInputStream().readNBytes(15)).asString(StandardCharsets.US_ASCII)
                        .isEqualTo("HTTP/1.1 200 OK");
            }
        } finally {
            vertx.close().await();
        }
        assertThat(longest.get()).isPositive().isLessThanOrEqualTo(256 * 1024);
    }
}
