package sluice.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.vertx.core.http.WebSocket;
import io.vertx.core.internal.http.WebSocketInternal;

/** The connection beneath a WebSocket: shows how much its peer accepts, and can be ended whatever the peer does. */
public final class SocketWire {
    private final ChannelHandlerContext handler;
    private final Channel channel;

    private SocketWire(ChannelHandlerContext handler) {
        this.handler = handler;
        this.channel = handler.channel();
    }

    /**
     * Takes a WebSocket that has just been opened. From now on it reads once, not sixteen times, before it checks
     * whether it is paused: tiny frames take many times their length in memory.
     */
    public static SocketWire of(WebSocket socket) {
        SocketWire wire = new SocketWire(((WebSocketInternal) socket).channelHandlerContext());
        if (!wire.handler.isRemoved()) {
            wire.handler.pipeline().addBefore(wire.handler.name(), "close-codes", new CloseCodes());
        }
        if (wire.channel.config().getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator reads) {
            reads.maxMessagesPerRead(1);
        }
        return wire;
    }

    /** Runs an action at its end; at once if it has ended. */
    public void then(Runnable ended) {
        channel.closeFuture().addListener(closed -> ended.run());
    }

    /** Whether it has ended. */
    public boolean ended() {
        return !channel.isOpen();
    }

    /** Bytes written that the peer has not taken. */
    public long untaken() {
        ChannelOutboundBuffer waiting = channel.unsafe().outboundBuffer();
        return waiting == null ? 0 : waiting.totalPendingWriteBytes() - waiting.currentProgress();
    }

    /** Ends it now. Vert.x would wait until the peer has taken everything written. */
    public void cut() {
        var _ = handler.close();
    }
}
