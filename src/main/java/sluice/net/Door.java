package sluice.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetSocketAddress;
import java.util.Optional;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Part;

/**
 * Where connections come in: each is counted as it is accepted, before any handshake, and one that finds no room is closed
 * at once. It counts for its peer's address, until {@link #part} is moved to a tenant.
 */
@Sharable
public final class Door extends ChannelInboundHandlerAdapter {
    /** Reads taken from a connection in one go, each of 64 KiB at most, so that what it holds in the smallest pieces takes no long turn. */
    private static final int MOST_READS = 2;
    private static final AttributeKey<Part> PART = AttributeKey.valueOf(Door.class, "part");

    private final Bulkhead connections;
    private final long mostOfOneAddress;

    /** Guards a listener: so many connections in all, and no more than {@code mostOfOneAddress} from one address. */
    public Door(Bulkhead connections, long mostOfOneAddress) {
        this.connections = connections;
        this.mostOfOneAddress = mostOfOneAddress;
    }

    /** What a connection has taken; empty if it came in by no door. */
    public static Optional<Part> part(HttpConnection connection) {
        return connection instanceof ConnectionBase base
                ? Optional.ofNullable(base.channel().attr(PART).get())
                : Optional.empty();
    }

    /** Called by the listening socket with each connection that it has accepted. */
    @Override
    public void channelRead(ChannelHandlerContext context, Object accepted) {
        if (accepted instanceof Channel connection && !admits(connection)) {
            connection.unsafe().closeForcibly();
        } else {
            context.fireChannelRead(accepted);
        }
    }

    private boolean admits(Channel connection) {
        if (!(connection.remoteAddress() instanceof InetSocketAddress peer)) {
            // It has gone already.
            return false;
        }
        Part part = connections.part(Holder.at(peer.getAddress()));
        if (!part.take(1, mostOfOneAddress).given()) {
            return false;
        }
        connection.attr(PART).set(part);
        if (connection.config().getRecvByteBufAllocator() instanceof MaxMessagesRecvByteBufAllocator reads) {
            reads.maxMessagesPerRead(MOST_READS);
        }
        connection.closeFuture().addListener(closed -> part.close());
        return true;
    }
}
