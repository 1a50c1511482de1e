package sluice.net;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOutboundBuffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import org.jspecify.annotations.Nullable;

/** Whether a peer accepts what is written to it. For use on the connection's event loop. */
public final class Outflow {
    private final @Nullable Channel channel;
    private @Nullable Object first;
    private long taken;
    private long since;

    public Outflow(HttpConnection connection) {
        this.channel = connection instanceof ConnectionBase base ? base.channel() : null;
    }

    /** How long, at least, no byte of the pending writes has been accepted; 0 if nothing is pending. */
    @SuppressWarnings("ReferenceEquality") // Buffers with the same content are equal.
    public long stuckNanos(long now) {
        ChannelOutboundBuffer waiting = channel == null ? null : channel.unsafe().outboundBuffer();
        Object head = waiting == null ? null : waiting.current();
        long progress = waiting == null ? 0 : waiting.currentProgress();
        if (head == null || head != first || progress != taken) {
            first = head;
            taken = progress;
            since = now;
        }
        return now - since;
    }
}
