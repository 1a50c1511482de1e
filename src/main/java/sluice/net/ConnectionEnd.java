package sluice.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.WebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.VertxConnection;
import io.vertx.core.net.impl.VertxHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** What Vert.x does not handle at the end of a connection. */
public final class ConnectionEnd {

    private static final VarHandle PAUSED = paused();

    private ConnectionEnd() {}

    /**
     * When this connection ends, hands on what it has read but holds back because a body is paused. Vert.x would forget
     * it and leak the pooled memory it lies in ({@code VertxConnection.pending}). Instead it goes to the heap, and on
     * to whoever still reads, before the end is reported.
     */
    public static void handOnUnread(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            handOnUnread(base.channel());
        }
    }

    /** The same for a WebSocket that this side opened. */
    public static void handOnUnread(WebSocket socket) {
        if (socket instanceof WebSocketInternal ours) {
            handOnUnread(ours.channelHandlerContext().channel());
        }
    }

    private static void handOnUnread(Channel channel) {
        channel.closeFuture().addListener(ended -> {
            VertxHandler<?> handler = channel.pipeline().get(VertxHandler.class);
            if (handler != null) {
                VertxConnection connection = handler.getConnection();
                // A paused request takes some and pauses the connection again; each round hands on one message or more.
                while ((boolean) PAUSED.get(connection)) {
                    connection.doResume();
                }
            }
        });
    }

    /** Whether Vert.x is holding back what it has read; there is no other way to ask. */
    private static VarHandle paused() {
        try {
            return MethodHandles.privateLookupIn(VertxConnection.class, MethodHandles.lookup())
                    .findVarHandle(VertxConnection.class, "paused", boolean.class);
        } catch (ReflectiveOperationException other) {
            throw new IllegalStateException("this version of Vert.x is not known", other);
        }
    }

    /**
     * Runs an action at the end of a connection, whatever it has become: Vert.x does not call its own close handler
     * once a connection has become a WebSocket.
     */
    public static void then(HttpConnection connection, Runnable ended) {
        if (connection instanceof ConnectionBase base) {
            base.channel().closeFuture().addListener(closed -> ended.run());
        } else {
            connection.closeHandler(closed -> ended.run());
        }
    }

    /** Whether it has ended, so that nothing can be answered over it. */
    public static boolean isOver(HttpConnection connection) {
        return connection instanceof ConnectionBase base && !base.channel().isActive();
    }

    /**
     * Ends it with a reset, so that its peer cannot take the end of the connection for the end of an answer: before
     * HTTP/1.1, that is what it means (RFC 9112, section 6.3).
     */
    public static void reset(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            base.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        }
        abort(connection);
    }

    /** Ends it at once, whatever is waiting to be written, with all HTTP/2 streams and without a TLS close_notify. */
    public static void abort(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ChannelHandlerContext first = base.channel().pipeline().firstContext();
            if (first != null) {
                var _ = first.close();
            }
        }
    }

    /** Ends it now. Vert.x would wait until the peer has taken everything written, and a peer that hangs never does. */
    public static void now(@Nullable HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ChannelHandlerContext handler = base.channel().pipeline().context(VertxHandler.class);
            if (handler != null) {
                var _ = handler.close();
            }
        }
    }
}
