package sluice.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.net.InetSocketAddress;
import java.util.Optional;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Part;

/**
 * Where connections arrive: each is counted as it is accepted, before any handshake, and closed at once if there is no
 * room. It counts for its peer's address until {@link #part} is moved to a tenant.
 */
@Sharable
public final class Door extends ChannelInboundHandlerAdapter {
    private static final AttributeKey<Part> PART = AttributeKey.valueOf(Door.class, "part");

    private final Bulkhead connections;
    private final long mostOfOneAddress;

    /** Guards a listener: {@code connections} in all, at most {@code mostOfOneAddress} of them from one address. */
    public Door(Bulkhead connections, long mostOfOneAddress) {
        this.connections = connections;
        this.mostOfOneAddress = mostOfOneAddress;
    }

    /** What a connection has taken; empty if it did not come through a door. */
    public static Optional<Part> part(HttpConnection connection) {
        return connection instanceof ConnectionBase base
                ? Optional.ofNullable(base.channel().attr(PART).get())
                : Optional.empty();
    }

    /** Called by the listening socket for each connection that it has accepted. */
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
            // It has already been closed.
            return false;
        }
        Part part = connections.part(Holder.at(peer.getAddress()));
        if (!part.take(1, mostOfOneAddress).given()) {
            return false;
        }
        connection.attr(PART).set(part);
        ReadBound.install(connection);
        connection.closeFuture().addListener(closed -> part.close());
        return true;
    }
}
