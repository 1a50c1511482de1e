package sluice.net;

import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/** How much is read from a connection in one turn of its event loop: one that sends fast must not make for a long turn. */
public final class ReadBound {
    /** In bytes. Netty's default is sixteen times 64 KiB. */
    private static final int MOST = 16 * 1024;
    private static final int FIRST = 2 * 1024;
    private static final int LEAST = 512;

    private ReadBound() {}

    /** Bounds the reads of a connection from now on. */
    public static void install(Channel connection) {
        connection.config().setRecvByteBufAllocator(
                new AdaptiveRecvByteBufAllocator(LEAST, FIRST, MOST).maxMessagesPerRead(1));
    }

    /** Likewise. */
    public static void install(HttpConnection connection) {
        if (connection instanceof ConnectionBase base) {
            install(base.channel());
        }
    }
}
