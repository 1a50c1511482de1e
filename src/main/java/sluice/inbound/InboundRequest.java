package sluice.inbound;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.net.LastCredential;

/**
 * A caller's request. Its head has been checked; its body is paused until somebody reads it. Used on one event loop.
 */
public interface InboundRequest {

    /** Its method. */
    HttpMethod method();

    /** The version of HTTP in which it came. */
    HttpVersion version();

    /** Its target, path and query, as sent. */
    String target();

    /** The path of its target, as sent; empty if it has none. */
    String path();

    /** The parameters of its query, decoded. */
    MultiMap parameters();

    /** Its headers. */
    MultiMap headers();

    /** The value of a header, the first if there are several; null if there is none. */
    default @Nullable String header(CharSequence name) {
        return headers().get(name);
    }

    /** Where it comes from. */
    Peer peer();

    /** What its connection remembers of the credential last presented over it. */
    LastCredential lastCredential();

    /** The answer to it. */
    InboundResponse response();

    /** Whether its body has been read to the end. */
    boolean isEnded();

    /**
     * Sets what its body is given to; the caller is not read before {@link #resume}.
     *
     * @param piece  takes each piece
     * @param end    runs when it has ended whole
     * @param broken takes why it did not
     */
    void read(Consumer<Buffer> piece, Runnable end, Consumer<Throwable> broken);

    /** Nothing is given until {@link #resume}. */
    void pause();

    /** What has been held back is given now, and more as it arrives. */
    void resume();

    /** Pauses it, and delivers nothing more. */
    void abandon();

    /** Whether the caller waits for 100-continue before it sends the body, and has not received it yet. */
    boolean waitsToBeAsked();

    /** Asks a caller that waits for it to send the body. */
    void askForBody();

    /** From now on its connection counts for this tenant; refused if the tenant may have no other. */
    Room claim(Holder tenant);

    /** Closes its connection once everything written has been sent. */
    void closeConnection();

    /**
     * Its answer has been written whole, and the rest of the request is not needed: HTTP/2 resets the stream without
     * an error (RFC 9113, section 8.1), HTTP/1 closes the connection.
     */
    void stop();

    /**
     * Accepts nothing more on its connection until it has become a WebSocket.
     *
     * @return false if something has arrived already, which would be lost
     */
    boolean endsHttp();

    /** Accepts it as a WebSocket; fails if the caller has left. */
    Future<ServerWebSocket> toWebSocket();
}
