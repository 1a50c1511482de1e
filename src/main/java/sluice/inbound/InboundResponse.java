package sluice.inbound;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/**
 * The answer to a caller's request. Status and headers are set before the first byte of its body is written; a body
 * has a {@code content-length} or is {@link #open}. Used on one event loop.
 */
public interface InboundResponse {

    /** Sets its status. */
    void status(int status);

    /** Its headers, to be set. */
    MultiMap headers();

    /** Sets a header. */
    default void header(CharSequence name, CharSequence value) {
        headers().set(name, value);
    }

    /** Its trailers, to be set before it ends. */
    MultiMap trailers();

    /** Its length is not known: it is framed as the protocol does it. */
    void open();

    /** The connection ends with this answer, and the head says so; HTTP/2 needs neither. */
    void closing();

    /** Sends a piece of its body, and the head before the first; completes when the socket has taken it. */
    Future<Void> write(Buffer piece);

    /** Sends the last piece of its body; completes when the socket has taken all of it. */
    Future<Void> end(Buffer last);

    /** Sends its end; completes when the socket has taken all of it. */
    Future<Void> end();

    /** Whether the socket takes no more for now. */
    boolean writeQueueFull();

    /** Runs an action when the socket takes more again. */
    void drainHandler(Runnable drained);

    /** Whether the head has been written. */
    boolean headWritten();

    /** Whether its end has been written. */
    boolean isEnded();

    /** Whether nothing can be written any more: it has been sent whole, or the caller has left. */
    boolean isClosed();

    /** Whether the caller knows no other end of it than that of the connection, as before HTTP/1.1. */
    boolean endsWithConnection();

    /** Whether other answers share its connection, as in HTTP/2. */
    boolean isMultiplexed();

    /** Gives it up: nobody waits for it any more. */
    void cancel();

    /** Breaks it off, in such a way that no caller can take it for whole. */
    void abort();
}
