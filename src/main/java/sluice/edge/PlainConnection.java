package sluice.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.ConnectionBase;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.net.Connections;
import sluice.net.LastCredential;

/**
 * One connection of a caller, for as long as it carries plain calls, one at a time. It stands before Vert.x' decoder;
 * the first request that is not plain, and everything behind it, passes on to that as it came, and this is gone.
 */
final class PlainConnection extends ChannelInboundHandlerAdapter {

    /** What is done with what it reads. */
    interface Calls {

        /** Part of a head has arrived. */
        void headBegan(HttpConnection connection);

        /** A head is complete, and with it as much of the body as has arrived. */
        void take(PlainRequest request);

        /** Counts the connection for a tenant. */
        Room claim(HttpConnection connection, Holder tenant);
    }

    /** The longest head of a plain call, in bytes: a head is looked through again whenever more of it arrives. */
    private static final int MOST_HEAD = 8 * 1024;
    /** With so much unread, nothing more is read from the socket; until then it shows when its peer leaves. */
    private static final int MOST_UNREAD = 64 * 1024;
    /** A body is passed on in pieces as small as the server's own: memory for it grows with each, up to twice what it is. */
    private static final int MOST_PIECE = 8 * 1024;
    private static final String DECODER = "httpDecoder";
    private static final Future<Void> DONE = Future.succeededFuture();

    private final HttpConnection connection;
    private final ContextInternal loop;
    private final PlainHeadReader heads;
    private final int mostHead;
    private final Calls calls;
    private final Unread unread = new Unread();
    private final LastCredential lastCredential = new LastCredential();
    private @Nullable ChannelHandlerContext context;
    private @Nullable PlainRequest call;
    private boolean reading;
    private boolean unflushed;
    private @Nullable Duration closing;
    private boolean over;

    PlainConnection(HttpConnection connection, ContextInternal loop, PlainHeadReader heads, int maxHeadBytes,
            Calls calls) {
        this.connection = connection;
        this.loop = loop;
        this.heads = heads;
        this.mostHead = Math.min(MOST_HEAD, maxHeadBytes);
        this.calls = calls;
    }

    /**
     * Reads a connection from which nothing has been read yet; leaves HTTP/2 as it is.
     *
     * @param loop its event loop
     * @return how to close it once its answers are sent
     */
    static Connections.Shutdown install(HttpConnection connection, ContextInternal loop, PlainHeadReader heads,
            int maxHeadBytes, Calls calls) {
        ChannelPipeline pipeline = connection instanceof ConnectionBase base ? base.channel().pipeline() : null;
        if (pipeline == null || pipeline.get(DECODER) == null) {
            return Connections.Shutdown.of(connection);
        }
        PlainConnection plain = new PlainConnection(connection, loop, heads, maxHeadBytes, calls);
        pipeline.addBefore(DECODER, "plain", plain);
        return plain::shutdown;
    }

    HttpConnection connection() {
        return connection;
    }

    LastCredential lastCredential() {
        return lastCredential;
    }

    Room claim(Holder tenant) {
        return calls.claim(connection, tenant);
    }

    ByteBuf buffer(int capacity) {
        return context().alloc().directBuffer(capacity);
    }

    boolean isWritable() {
        return context().channel().isWritable();
    }

    /** Writes; completes when the socket has taken all of it. Answers to calls that came together leave together. */
    Future<Void> write(ByteBuf out) {
        ChannelFuture written = context().write(out);
        if (reading && !unread.isEmpty()) {
            unflushed = true;
        } else {
            context().flush();
        }
        if (written.isSuccess()) {
            return DONE;
        }
        Promise<Void> taken = Promise.promise();
        written.addListener(done -> {
            if (done.isSuccess()) {
                taken.complete();
            } else {
                taken.fail(done.cause());
            }
        });
        return taken.future();
    }

    /** Ends it once everything written has been sent; what still arrives is not answered. */
    void close() {
        finish();
        var _ = connection.close();
    }

    private void finish() {
        over = true;
        unread.clear();
        flush();
    }

    /** Ends it once the call under way has been answered, and all of that sent; after this time in any case. */
    void shutdown(Duration grace) {
        if (call == null) {
            finish();
            var _ = connection.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS);
        } else {
            closing = grace;
        }
    }

    /** Reads on from the socket, or not, by how much is unread. */
    void regulate() {
        if (context().isRemoved()) {
            return;
        }
        int waiting = unread.size() + (call == null ? 0 : call.waitingBytes());
        boolean on = waiting < MOST_UNREAD;
        if (context().channel().config().isAutoRead() != on) {
            context().channel().config().setAutoRead(on);
        }
    }

    /** The answer to a call has been written, or all of its body has come: it may be over. */
    void settle(PlainRequest done) {
        if (call != done || done.missing() > 0 || !done.response().isEnded()) {
            return;
        }
        call = null;
        if (closing != null) {
            shutdown(closing);
        } else if (!unread.isEmpty()) {
            read();
        } else {
            regulate();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext read, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (over) {
            in.release();
            return;
        }
        if (call == null && unread.isEmpty() && !PlainHeadReader.mayBegin(in)) {
            read.pipeline().remove(this);
            read.fireChannelRead(in);
            return;
        }
        unread.add(in);
        in.release();
        read();
    }

    /** Nothing passes on that would have to know. */
    @Override
    public void channelReadComplete(ChannelHandlerContext read) {
        flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext changed) {
        if (call != null && isWritable()) {
            loop.dispatch(call.response()::drained);
        }
        changed.fireChannelWritabilityChanged();
    }

    @Override
    public void channelInactive(ChannelHandlerContext ended) {
        PlainRequest lost = call;
        call = null;
        unread.clear();
        if (lost != null) {
            loop.dispatch(lost::left);
        }
        ended.fireChannelInactive();
    }

    /** Reads what has arrived, as far as it can be read now. */
    private void read() {
        if (reading) {
            return;
        }
        reading = true;
        try {
            loop.dispatch(this::readAll);
        } finally {
            reading = false;
        }
        flush();
        regulate();
    }

    private void readAll() {
        while (!unread.isEmpty() && context().channel().isActive() && (call == null ? head() : body(call))) {
            // On to the next.
        }
        if (unread.isEmpty()) {
            unread.clear();
        }
    }

    /** Begins a call, if its head is complete; says whether to read on. */
    private boolean head() {
        int end = heads.end(unread.bytes(), unread.from(), unread.to());
        if (end == PlainHeadReader.MORE && unread.size() <= mostHead) {
            calls.headBegan(connection);
            return false;
        }
        boolean whole = end >= 0 && end - unread.from() <= mostHead;
        PlainHead head = whole ? heads.read(unread.bytes(), unread.from(), end) : null;
        if (head == null) {
            handOn();
            return false;
        }
        unread.skip(end - unread.from());
        PlainRequest next = new PlainRequest(this, head);
        call = next;
        if (!unread.isEmpty()) {
            next.arrived(unread.take(Math.min(MOST_PIECE, next.missing())));
        }
        calls.take(next);
        return true;
    }

    /** Passes on the body of the call under way; says whether to read on. */
    private boolean body(PlainRequest under) {
        if (under.missing() == 0) {
            // The next call waits for the answer to this one.
            calls.headBegan(connection);
            return false;
        }
        under.arrived(unread.take(Math.min(MOST_PIECE, under.missing())));
        settle(under);
        return true;
    }

    /** What has arrived is not plain. */
    private void handOn() {
        flush();
        context().channel().config().setAutoRead(true);
        context().pipeline().remove(this);
        context().fireChannelRead(unread.rest());
        context().fireChannelReadComplete();
    }

    private void flush() {
        if (unflushed) {
            unflushed = false;
            context().flush();
        }
    }

    private ChannelHandlerContext context() {
        return Objects.requireNonNull(context);
    }
}
