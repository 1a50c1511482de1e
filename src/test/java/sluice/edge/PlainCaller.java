package sluice.edge;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.ContextInternal;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.function.Consumer;
import sluice.isolation.Holder;
import sluice.isolation.Room;

/** A connection of a caller without a network: what is written arrives in exactly these pieces. */
final class PlainCaller implements AutoCloseable {
    private static final int MOST_HEAD = 32 * 1024;

    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final StringBuilder passedOn = new StringBuilder();
    private final PlainConnection connection;
    private int heads;
    private boolean closed;

    /**
     * Opens one.
     *
     * @param vertx   whose event loop it runs on
     * @param targets of plain calls
     * @param calls   takes them
     */
    PlainCaller(Vertx vertx, Set<String> targets, Consumer<PlainRequest> calls) {
        HttpConnection vertxConnection = (HttpConnection) Proxy.newProxyInstance(getClass().getClassLoader(),
                new Class<?>[]{HttpConnection.class}, (proxy, method, arguments) -> {
                    closed |= method.getName().equals("close") || method.getName().equals("shutdown");
                    return null;
                });
        connection = new PlainConnection(vertxConnection, (ContextInternal) vertx.getOrCreateContext(),
                new PlainHeadReader(targets), MOST_HEAD, new PlainConnection.Calls() {
                    @Override
                    public void headBegan(HttpConnection of) {
                        heads++;
                    }

                    @Override
                    public void take(PlainRequest request) {
                        calls.accept(request);
                    }

                    @Override
                    public Room claim(HttpConnection of, Holder tenant) {
                        return Room.GIVEN;
                    }
                });
        channel.pipeline().addLast(connection, new ChannelInboundHandlerAdapter() {
            @Override
            public void channelRead(ChannelHandlerContext context, Object message) {
                ByteBuf in = (ByteBuf) message;
                passedOn.append(in.toString(StandardCharsets.ISO_8859_1));
                in.release();
            }
        });
    }

    /** A request with this head. */
    PlainRequest request(PlainHead head) {
        return new PlainRequest(connection, head);
    }

    /** Writes one piece. */
    PlainCaller write(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        return this;
    }

    /** What has been answered since it was last asked. */
    String answers() {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return all.toString();
    }

    /** What the server's own decoder was given. */
    String passedOn() {
        return passedOn.toString();
    }

    /** How often part of a head was reported. */
    int heads() {
        return heads;
    }

    /** Whether it is to be closed. */
    boolean closed() {
        return closed;
    }

    /** Whether more is read from the socket. */
    boolean isRead() {
        return channel.config().isAutoRead();
    }

    /** Its answers are to be finished, and then it closes. */
    void shutdown() {
        connection.shutdown(Duration.ofSeconds(1));
    }

    /** The caller leaves. */
    void leave() {
        var _ = channel.close();
    }

    @Override
    public void close() {
        channel.finishAndReleaseAll();
    }
}
