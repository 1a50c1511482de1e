package sluice.upstream;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.net.ConnectionEnd;
import sluice.time.Time;

/**
 * Checks whether an HTTP/2 connection is still alive: one on which nothing has arrived for a while is pinged, and
 * closed if there is no answer. A firewall may forget a connection without telling either side, and every call of the
 * event loop would keep waiting on it.
 */
final class Pulse extends ChannelInboundHandlerAdapter {
    private static final Logger LOG = LoggerFactory.getLogger(Pulse.class);
    private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long LOOK_MILLIS = 2_500;
    private static final Buffer PING = Buffer.buffer("sluice--");

    private final Time time;
    private long heardAt;
    private boolean asked;

    private Pulse(Time time) {
        this.time = time;
        this.heardAt = time.nanos();
    }

    /** Watches a connection that has just been opened, on its event loop; HTTP/1.1 has no ping. */
    static void watch(Vertx vertx, HttpConnection connection, String account, Duration patience, Time time) {
        if (!(connection instanceof ConnectionBase base)
                || base.channel().pipeline().get(Http2ConnectionHandler.class) == null) {
            return;
        }
        Pulse pulse = new Pulse(time);
        base.channel().pipeline().addFirst(pulse);
        long timer = vertx.setPeriodic(LOOK_MILLIS, look -> pulse.look(vertx, connection, account, patience));
        base.channel().closeFuture().addListener(closed -> vertx.cancelTimer(timer));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object read) {
        heardAt = time.nanos();
        context.fireChannelRead(read);
    }

    private void look(Vertx vertx, HttpConnection connection, String account, Duration patience) {
        if (asked || time.nanos() - heardAt < SILENCE_NANOS) {
            return;
        }
        asked = true;
        long late = vertx.setTimer(Math.max(1, patience.toMillis()), silent -> {
            LOG.warn("closing a connection to account {}: no answer to a ping", account);
            ConnectionEnd.abort(connection);
        });
        connection.ping(PING).onComplete(answered -> {
            vertx.cancelTimer(late);
            asked = false;
        });
    }
}
