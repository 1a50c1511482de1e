package sluice.upstream.http1;

import io.netty.channel.ChannelPipeline;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetSocket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import sluice.net.ScopedClient;
import sluice.net.ReadBound;
import sluice.net.Timeouts;
import sluice.upstream.call.UpstreamRequest;

/**
 * The kept connections from one event loop to one host. There are as many as concurrent calls: the caller bounds
 * them. The most recently used is reused first, so that surplus ones grow idle and close.
 */
public final class Http1Pool {
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final ScopedClient<NetClient> client;
    private final String host;
    private final int port;
    private final byte[] hostLine;
    private final Timeouts idle;
    private final long maxAgeNanos;
    private final HeadReader heads = new HeadReader();
    private final Deque<Http1Connection> kept = new ArrayDeque<>();

    /**
     * Does not connect yet. To be used on one event loop.
     *
     * @param options TLS and timeouts of its connections
     * @param idle    after which a connection without a call is closed
     * @param maxAge  after which a connection is replaced
     */
    public Http1Pool(Vertx vertx, NetClientOptions options, String host, int port, Timeouts idle, Duration maxAge) {
        this.client = ScopedClient.open(vertx, () -> vertx.createNetClient(options));
        this.host = host;
        this.port = port;
        boolean plain = port == (options.isSsl() ? HTTPS : HTTP);
        this.hostLine = ("host: " + host + (plain ? "" : ":" + port) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        this.idle = idle;
        this.maxAgeNanos = maxAge.toNanos();
    }

    /** Begins a request on a kept connection, or else a new one; sends nothing. */
    public Future<UpstreamRequest> open(HttpMethod method, String target) {
        for (Http1Connection last = kept.pollLast(); last != null; last = kept.pollLast()) {
            last.wake();
            if (last.isActive() && !isOld(last)) {
                return Future.succeededFuture(last.begin(method, target, hostLine));
            }
            last.close();
        }
        return client.get().connect(port, host).map(socket -> take(socket).begin(method, target, hostLine));
    }

    /** We own its bytes from now on. */
    private Http1Connection take(NetSocket socket) {
        ChannelPipeline pipeline = ((NetSocketInternal) socket).channelHandlerContext().pipeline();
        ReadBound.install(pipeline.channel());
        pipeline.remove(((NetSocketInternal) socket).channelHandlerContext().handler());
        Http1Connection connection = new Http1Connection(this, heads, idle.now());
        pipeline.addLast(connection);
        return connection;
    }

    /** A call is over, and its connection ready for another. */
    void idle(Http1Connection connection) {
        if (isOld(connection)) {
            connection.close();
            return;
        }
        kept.addLast(connection);
        connection.rest(idle.start(connection::close));
    }

    /** A connection has ended. */
    void ended(Http1Connection connection) {
        if (connection.wake()) {
            kept.removeLastOccurrence(connection);
        }
    }

    /** Closes what is idle now, and the others when their calls are over or {@code grace} has passed; from any thread. */
    public void close(Duration grace) {
        client.close(ended -> ended.shutdown(grace));
    }

    private boolean isOld(Http1Connection connection) {
        return idle.now() - connection.openedAt() > maxAgeNanos;
    }
}
