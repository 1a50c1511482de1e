package sluice.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.WebSocket;
import io.vertx.core.internal.http.WebSocketInternal;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.core.net.impl.VertxConnection;
import io.vertx.core.net.impl.VertxHandler;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** What Vert.x leaves open at the end of a connection of HTTP/1. */
public final class ConnectionEnd {

    private static final VarHandle PAUSED = paused();

    private ConnectionEnd() {}

    /**
     * When this connection ends, what it has read and holds back, since its body is paused, is handed on. Vert.x would
     * forget it, and the pooled memory in which it lies would be lost ({@code VertxConnection.pending}). So it comes to the
     * heap, and to whoever reads on, before they are told of the end.
     */
    public static void handOnUnread(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            handOnUnread(base.channel());
        }
    }

    /** Likewise, of a WebSocket that was opened from here. */
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
                // A request that is paused takes a part and pauses the connection again; each turn hands on one message at least.
                while ((boolean) PAUSED.get(connection)) {
                    connection.doResume();
                }
            }
        });
    }

    /** Whether Vert.x holds back what it has read; it has no other way to ask. */
    private static VarHandle paused() {
        try {
            return MethodHandles.privateLookupIn(VertxConnection.class, MethodHandles.lookup())
                    .findVarHandle(VertxConnection.class, "paused", boolean.class);
        } catch (ReflectiveOperationException other) {
            throw new IllegalStateException("this version of Vert.x is not known", other);
        }
    }

    /**
     * Tells of the end of a connection, whatever it has become. Vert.x tells its own close handler nothing of one that
     * was made a WebSocket.
     */
    public static void then(HttpConnection connection, Runnable ended) {
        if (connection instanceof ConnectionBase base) {
            base.channel().closeFuture().addListener(closed -> ended.run());
        } else {
            connection.closeHandler(closed -> ended.run());
        }
    }

    /** Whether it has ended, so that nobody can be answered over it. */
    public static boolean isOver(HttpConnection connection) {
        return connection instanceof ConnectionBase base && !base.channel().isActive();
    }

    /** Ends it at once, whatever waits to be written, with all streams of HTTP/2 and without a farewell of TLS. */
    public static void abort(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ChannelHandlerContext first = base.channel().pipeline().firstContext();
            if (first != null) {
                var _ = first.close();
            }
        }
    }

    /** Ends it now. Vert.x would wait until the peer has taken all that was written, and one that hangs never does. */
    public static void now(@Nullable HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            ChannelHandlerContext handler = base.channel().pipeline().context(VertxHandler.class);
            if (handler != null) {
                var _ = handler.close();
            }
        }
    }
}
