package sluice.net;

import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.vertx.core.datagram.DatagramSocketOptions;
import io.vertx.core.net.TcpConfig;
import io.vertx.core.spi.transport.Transport;
import java.net.SocketAddress;
import java.util.concurrent.ThreadFactory;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The best transport of this system, with a {@link Door} on every listening socket. */
// The implemented interface has the deprecated type in a signature.
@SuppressWarnings("deprecation")
public final class GuardedTransport implements Transport {
    private final Transport beneath;
    private final Supplier<Door> doors;

    private GuardedTransport(Transport beneath, Supplier<Door> doors) {
        this.beneath = beneath;
        this.doors = doors;
    }

    /**
     * The best one, guarded.
     *
     * @param doors the door for the socket that is about to listen
     */
    public static io.vertx.core.transport.Transport of(Supplier<Door> doors) {
        io.vertx.core.transport.Transport best = best();
        Transport guarded = new GuardedTransport(best.implementation(), doors);
        return new io.vertx.core.transport.Transport() {
            @Override
            public String name() {
                return best.name();
            }

            @Override
            public boolean available() {
                return true;
            }

            @Override
            public @Nullable Throwable unavailabilityCause() {
                return null;
            }

            @Override
            public Transport implementation() {
                return guarded;
            }
        };
    }

    private static io.vertx.core.transport.Transport best() {
        io.vertx.core.transport.@Nullable Transport ofSystem = io.vertx.core.transport.Transport.nativeTransport();
        return ofSystem != null && ofSystem.available() ? ofSystem : io.vertx.core.transport.Transport.NIO;
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, ServerBootstrap bootstrap) {
        beneath.configure(config, domainSocket, bootstrap);
        bootstrap.handler(doors.get());
    }

    @Override
    public void configure(TcpConfig config, boolean domainSocket, Bootstrap bootstrap) {
        beneath.configure(config, domainSocket, bootstrap);
    }

    @Override
    public void configure(DatagramChannel channel, DatagramSocketOptions options) {
        beneath.configure(channel, options);
    }

    @Override
    public boolean supportsDomainSockets() {
        return beneath.supportsDomainSockets();
    }

    @Override
    public boolean supportFileRegion() {
        return beneath.supportFileRegion();
    }

    @Override
    public SocketAddress convert(io.vertx.core.net.SocketAddress address) {
        return beneath.convert(address);
    }

    @Override
    public io.vertx.core.net.@Nullable SocketAddress convert(SocketAddress address) {
        return beneath.convert(address);
    }

    @Override
    public IoHandlerFactory ioHandlerFactory() {
        return beneath.ioHandlerFactory();
    }

    @Override
    public EventLoopGroup eventLoopGroup(int type, int threads, ThreadFactory factory, int ioRatio) {
        return beneath.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return beneath.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends DatagramChannel> datagramChannelFactory() {
        return beneath.datagramChannelFactory();
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return beneath.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return beneath.serverChannelFactory(domainSocket);
    }
}
