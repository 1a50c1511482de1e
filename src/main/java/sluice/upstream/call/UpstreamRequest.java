package sluice.upstream.call;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;

/**
 * One request to the upstream that has its connection. Used on one event loop. Its headers are set before the first
 * byte of its body is written; a body without a {@code content-length} is framed as the protocol does it.
 */
public interface UpstreamRequest {

    /** Its headers, to be set. Host and framing are its own affair. */
    MultiMap headers();

    /** Sends a piece of its body, and the head before the first. */
    void write(Buffer piece);

    /** Sends the last piece of its body; completes when the socket has accepted all of it. */
    Future<Void> end(Buffer last);

    /** Sends its end; completes when the socket has accepted all of it. */
    Future<Void> end();

    /** Whether the socket accepts no more for now. */
    boolean writeQueueFull();

    /** Runs an action when the socket accepts more again. */
    void drainHandler(Runnable drained);

    /** The head of its answer, paused; fails if the connection ends before it. */
    Future<UpstreamResponse> response();

    /**
     * Whether the upstream has said that it did not process a request that failed.
     *
     * @param failure of {@link #response}
     */
    boolean untouched(Throwable failure);

    /** Ends whatever is unfinished, now, whether or not the peer notices. */
    void cut();
}
