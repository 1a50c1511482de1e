package sluice.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.MaxMessagesRecvByteBufAllocator;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import sluice.isolation.Bulkhead;

class DoorTest {

    /** One read is as much as a single task of the event loop has to handle. */
    @Test
    void littleIsReadFromAConnectionAtOnce() {
        EmbeddedChannel listening = new EmbeddedChannel(new Door(Bulkhead.of("connections", 8), 8));
        SocketChannel accepted = new Tcp();
        listening.writeInbound(accepted);
        assertThat(listening.<SocketChannel>readInbound()).isSameAs(accepted);
        MaxMessagesRecvByteBufAllocator reads = accepted.config().getRecvByteBufAllocator();
        assertThat(reads.maxMessagesPerRead()).isEqualTo(1);
        RecvByteBufAllocator.ExtendedHandle sizes = (RecvByteBufAllocator.ExtendedHandle) reads.newHandle();
        for (int i = 0; i < 20; i++) {
            sizes.reset(accepted.config());
            sizes.attemptedBytesRead(sizes.guess());
            sizes.lastBytesRead(sizes.guess());
            sizes.readComplete();
        }
        assertThat(sizes.guess()).isEqualTo(16 * 1024);
        listening.finish();
    }

    private static final class Tcp extends NioSocketChannel {
        @Override
        public InetSocketAddress remoteAddress() {
            return new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);
        }
    }
}
