package sluice.edge;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sluice.inbound.InboundRequest;
import sluice.inbound.Peer;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.net.LastCredential;

/** A plain call, read from the bytes of its connection. */
final class PlainRequest implements InboundRequest, Received {
    private final PlainConnection connection;
    private final PlainHead head;
    private final PlainResponse response;
    private final Deque<Buffer> waiting = new ArrayDeque<>(2);
    private @Nullable Peer peer;
    private Runnable left = () -> {};
    private Consumer<Buffer> piece = ignored -> {};
    private Runnable end = () -> {};
    private Consumer<Throwable> broken = ignored -> {};
    /** How much of its body has yet to arrive. */
    private long missing;
    private int waitingBytes;
    private boolean paused = true;
    private boolean giving;
    private boolean ended;

    PlainRequest(PlainConnection connection, PlainHead head) {
        this.connection = connection;
        this.head = head;
        this.missing = head.length();
        this.response = new PlainResponse(connection, this);
    }

    @Override
    public HttpConnection connection() {
        return connection.connection();
    }

    @Override
    public PlainRequest from(Peer where) {
        peer = where;
        return this;
    }

    @Override
    public void onLeave(Runnable action) {
        left = action;
    }

    @Override
    public void answered(long bytes) {
        // Connections whose peer takes nothing are closed as a whole.
    }

    @Override
    public HttpMethod method() {
        return HttpMethod.POST;
    }

    @Override
    public HttpVersion version() {
        return HttpVersion.HTTP_1_1;
    }

    @Override
    public String target() {
        return head.target();
    }

    @Override
    public String path() {
        return head.target();
    }

    @Override
    public MultiMap parameters() {
        return MultiMap.caseInsensitiveMultiMap();
    }

    @Override
    public MultiMap headers() {
        return head.headers();
    }

    @Override
    public Peer peer() {
        return Objects.requireNonNull(peer);
    }

    @Override
    public PlainResponse response() {
        return response;
    }

    @Override
    public boolean isEnded() {
        return ended;
    }

    @Override
    public void read(Consumer<Buffer> takesPiece, Runnable atEnd, Consumer<Throwable> ifBroken) {
        piece = takesPiece;
        end = atEnd;
        broken = ifBroken;
    }

    @Override
    public void pause() {
        paused = true;
    }

    @Override
    public void resume() {
        paused = false;
        give();
        connection.regulate();
    }

    @Override
    public void abandon() {
        paused = true;
        read(ignored -> {}, () -> {}, ignored -> {});
    }

    @Override
    public boolean waitsToBeAsked() {
        return false;
    }

    @Override
    public void askForBody() {
        // It comes unasked.
    }

    @Override
    public LastCredential lastCredential() {
        return connection.lastCredential();
    }

    @Override
    public Room claim(Holder tenant) {
        return connection.claim(tenant);
    }

    @Override
    public void closeConnection() {
        connection.close();
    }

    @Override
    public void stop() {
        connection.close();
    }

    @Override
    public boolean endsHttp() {
        return false;
    }

    @Override
    public Future<ServerWebSocket> toWebSocket() {
        return Future.failedFuture("a plain call cannot become a WebSocket");
    }

    /** How much of its body has yet to arrive, in bytes. */
    long missing() {
        return missing;
    }

    /** How much of its body has arrived and not been read, in bytes. */
    int waitingBytes() {
        return waitingBytes;
    }

    /** A part of its body has arrived. */
    void arrived(Buffer part) {
        missing -= part.length();
        waitingBytes += part.length();
        waiting.add(part);
        give();
    }

    /** The connection has ended. */
    void left() {
        response.closed();
        if (!response.isEnded()) {
            left.run();
        }
        if (!ended) {
            broken.accept(new IOException("the caller has closed the connection"));
        }
    }

    /** Gives what has arrived, in order, until it is paused. */
    private void give() {
        if (giving) {
            return;
        }
        giving = true;
        try {
            while (!paused && !waiting.isEmpty()) {
                Buffer next = waiting.remove();
                waitingBytes -= next.length();
                piece.accept(next);
            }
            if (!paused && missing == 0 && !ended) {
                ended = true;
                end.run();
            }
        } finally {
            giving = false;
        }
    }
}
