package sluice.upstream.http1;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.impl.ShutdownEvent;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import sluice.net.NextTurn;
import sluice.net.Timeouts.Timeout;

/**
 * One kept connection to the upstream, which carries one call at a time. It is kept for another only if the call's
 * request and answer are whole, and nothing but that answer has arrived.
 */
final class Http1Connection extends ChannelInboundHandlerAdapter implements ResponseDecoder.Sink {
    private final Http1Pool pool;
    private final ResponseDecoder decoder;
    private final long openedAt;
    private @Nullable ChannelHandlerContext context;
    private @Nullable Http1Request request;
    private @Nullable Http1Response response;
    private @Nullable Throwable failure;
    private @Nullable Timeout expiry;
    private boolean answered;
    private boolean shutDown;

    Http1Connection(Http1Pool pool, HeadReader heads, long openedAt) {
        this.pool = pool;
        this.decoder = new ResponseDecoder(heads, this);
        this.openedAt = openedAt;
    }

    /** When it was opened, in nanoseconds from an arbitrary origin. */
    long openedAt() {
        return openedAt;
    }

    /** Whether its peer has not closed it. */
    boolean isActive() {
        return channel().channel().isActive();
    }

    /** It is kept until {@code due} ends it. */
    void rest(Timeout due) {
        expiry = due;
    }

    /** It is no longer kept; says whether it was. */
    boolean wake() {
        Timeout due = expiry;
        expiry = null;
        if (due != null) {
            due.cancel();
        }
        return due != null;
    }

    /** Starts a request. */
    Http1Request begin(HttpMethod method, String target, byte[] host) {
        Http1Request next = new Http1Request(this, method, target, host);
        request = next;
        response = null;
        answered = false;
        decoder.expect(next.toHead());
        return next;
    }

    ByteBuf buffer(int capacity) {
        return channel().alloc().directBuffer(capacity);
    }

    boolean isWritable() {
        return channel().channel().isWritable();
    }

    /** Whether a request can no longer be sent on it. */
    boolean isOver(Http1Request asking) {
        return request != asking || !isActive();
    }

    /** Writes at once; completes {@code taken}, if given, when the socket has taken all of it. */
    void write(ByteBuf out, @Nullable Promise<Void> taken) {
        if (taken == null) {
            var _ = channel().writeAndFlush(out, channel().voidPromise());
            return;
        }
        channel().writeAndFlush(out).addListener((ChannelFutureListener) written -> {
            if (written.isSuccess()) {
                taken.tryComplete();
                settle();
            } else {
                taken.tryFail(written.cause());
            }
        });
    }

    /** Runs a task in the next turn of its event loop. */
    void inNextTurn(Runnable task) {
        NextTurn.run(channel().channel(), task);
    }

    /** Reads on, or not, for an answer that is still arriving. */
    void read(Http1Request asking, boolean on) {
        if (request == asking) {
            channel().channel().config().setAutoRead(on);
        }
    }

    /** Ends with a request that is not over; once that is, another may be using the connection. */
    void cut(Http1Request asking) {
        if (request == asking) {
            close();
        }
    }

    /** Ends now, whatever is waiting to be written. */
    void close() {
        var _ = channel().close();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext read, Object message) {
        ByteBuf in = (ByteBuf) message;
        byte[] bytes = new byte[in.readableBytes()];
        in.readBytes(bytes).release();
        if (request == null || answered) {
            // Unsolicited data; it could be mistaken for the answer to the next request.
            failure = new IOException("the upstream sent unsolicited data");
            close();
            return;
        }
        try {
            decoder.read(bytes);
        } catch (MalformedResponse malformed) {
            failure = malformed;
            close();
        }
    }

    @Override
    public void head(ResponseHead head) {
        Http1Request asking = Objects.requireNonNull(request);
        response = new Http1Response(this, asking, head);
        asking.answered(response);
    }

    @Override
    public void piece(Buffer piece) {
        if (response != null) {
            response.piece(piece);
        }
    }

    @Override
    public void end(MultiMap trailers) {
        answered = true;
        Http1Response whole = response;
        // It may carry the next call, which may begin as soon as this one has ended.
        settle();
        if (whole != null) {
            whole.ended(trailers);
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        if (request != null && isWritable()) {
            request.writable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext told, Object event) {
        if (event instanceof ShutdownEvent) {
            shutDown = true;
            if (request == null) {
                close();
            }
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
        failure = cause;
        close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ended) {
        pool.ended(this);
        boolean whole = answered || decoder.closed();
        Http1Request lost = request;
        request = null;
        if (lost != null) {
            Throwable why = failure != null ? failure : new IOException("the upstream closed the connection");
            lost.broke(why);
            if (!whole && response != null) {
                response.broke(why);
            }
        }
    }

    /** Finished with one call, and ready for another or unusable. */
    private void settle() {
        Http1Request done = request;
        if (done == null || !answered || !done.whole()) {
            return;
        }
        request = null;
        response = null;
        if (decoder.reusable() && !shutDown && isActive()) {
            channel().channel().config().setAutoRead(true);
            pool.idle(this);
        } else {
            close();
        }
    }

    private ChannelHandlerContext channel() {
        return Objects.requireNonNull(context);
    }
}
