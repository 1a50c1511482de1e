package sluice.net;

import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/** How much of one connection is read before its event loop looks at the others. */
public final class ReadBound {
    /**
     * Reads in one turn, of at most 64 KiB each by Netty's adaptive buffers. Netty's default of 16 lets a connection fill a
     * turn with 60,000 PINGs of HTTP/2, which takes 180 ms before the JVM has compiled what reads them.
     */
    private static final int MOST_READS = 4;

    private ReadBound() {}

    /** Bounds the reads of a connection from now on. */
    public static void install(HttpConnection connection) {
        if (connection instanceof ConnectionBase base && base.channel().config()
                .getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator buffers) {
            buffers.maxMessagesPerRead(MOST_READS);
        }
    }
}
