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

    /** Its length is unknown: the protocol frames it. */
    void open();

    /** The connection ends with this answer, and the head says so; HTTP/2 needs neither. */
    void closing();

    /** Sends a piece of its body, and the head before the first; completes when the socket has accepted it. */
    Future<Void> write(Buffer piece);

    /** Sends the last piece of its body; completes when the socket has accepted all of it. */
    Future<Void> end(Buffer last);

    /** Sends its end; completes when the socket has accepted all of it. */
    Future<Void> end();

    /** Whether the socket accepts no more for now. */
    boolean writeQueueFull();

    /** Runs an action when the socket accepts more again. */
    void drainHandler(Runnable drained);

    /** Whether the head has been written. */
    boolean headWritten();

    /** Whether its end has been written. */
    boolean isEnded();

    /** Whether nothing can be written any more: it has been sent whole, or the caller has left. */
    boolean isClosed();

    /** Whether only the end of the connection marks its end, as before HTTP/1.1. */
    boolean endsWithConnection();

    /** Whether other answers share its connection, as in HTTP/2. */
    boolean isMultiplexed();

    /** Gives it up: nobody is waiting for it. */
    void cancel();

    /** Breaks it off so that no caller can mistake it for complete. */
    void abort();
}
