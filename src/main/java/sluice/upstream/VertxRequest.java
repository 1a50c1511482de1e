package sluice.upstream;

import io.netty.util.IllegalReferenceCountException;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.GoAway;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClosedException;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.StreamResetException;
import io.vertx.core.internal.buffer.BufferInternal;
import sluice.net.ConnectionEnd;
import sluice.net.NextTurn;
import sluice.upstream.call.UpstreamRequest;
import sluice.upstream.call.UpstreamResponse;

/**
 * A request by Vert.x' client: over HTTP/2, or through a proxy. A long body goes out in slices, as the connection takes them,
 * one in each turn of the event loop.
 */
final class VertxRequest implements UpstreamRequest {
    /** In bytes, as much as a channel takes before it asks to wait. */
    private static final int SLICE = 64 * 1024;
    /** HTTP/2's error code for a stream that was not processed (RFC 9113, section 7). */
    private static final long REFUSED_STREAM = 7;
    /** Tells the upstream that its answer is no longer wanted. */
    private static final long CANCEL = 8;

    private final HttpClientRequest request;
    private final Future<UpstreamResponse> response;
    private final Promise<Void> sent = Promise.promise();
    private boolean begun;
    private boolean turnComes;
    private Buffer rest = Buffer.buffer();

    VertxRequest(HttpClientRequest request) {
        this.request = request;
        // The future of the answer reports failures; without a handler, Vert.x would log them as errors.
        request.exceptionHandler(broken -> {});
        this.response = request.response().map(VertxResponse::new);
    }

    @Override
    public MultiMap headers() {
        return request.headers();
    }

    @Override
    public void write(Buffer piece) {
        begun = true;
        request.write(piece);
    }

    @Override
    public Future<Void> end(Buffer last) {
        if (last.length() <= SLICE) {
            begun = true;
            return request.end(last);
        }
        if (!begun) {
            headers().set(HttpHeaders.CONTENT_LENGTH, Integer.toString(last.length()));
        }
        rest = last;
        drainHandler(this::sendRest);
        sendRest();
        return sent.future();
    }

    private void sendRest() {
        if (turnComes || rest.length() == 0 || (begun && request.writeQueueFull())) {
            return;
        }
        begun = true;
        Buffer now = rest.length() > SLICE ? rest.slice(0, SLICE) : rest;
        rest = rest.slice(now.length(), rest.length());
        if (rest.length() == 0) {
            request.end(now).onComplete(sent);
            return;
        }
        turnComes = true;
        NextTurn.run(request.connection(), () -> {
            turnComes = false;
            sendRest();
        });
        request.write(now).onFailure(sent::tryFail);
    }

    @Override
    public Future<Void> end() {
        begun = true;
        return request.end();
    }

    @Override
    public boolean writeQueueFull() {
        return request.writeQueueFull();
    }

    @Override
    public void drainHandler(Runnable drained) {
        request.drainHandler(now -> drained.run());
    }

    @Override
    public Future<UpstreamResponse> response() {
        return response;
    }

    @Override
    public boolean untouched(Throwable failure) {
        return switch (failure) {
            case StreamResetException reset -> reset.getCode() == REFUSED_STREAM;
            case HttpClosedException closed -> goneAway(closed);
            default -> false;
        };
    }

    /** Whether the upstream went away before it reached this stream. */
    private boolean goneAway(HttpClosedException closed) {
        try {
            GoAway told = closed.goAway();
            if (told != null && told.getDebugData() instanceof BufferInternal copy) {
                // Vert.x copies it into pooled memory every time it is asked.
                copy.unwrap().release();
            }
            return told != null && told.getLastStreamId() < request.streamId();
        } catch (IllegalReferenceCountException later) {
            // Vert.x 5.1.6 can report it only while reading it, which is when the streams it skips are closed.
            return false;
        }
    }

    /** The connection goes first: after the reset, another call may be using it. */
    @Override
    public void cut() {
        rest = Buffer.buffer();
        sent.tryFail("given up");
        if (begun) {
            ConnectionEnd.now(request.connection());
        }
        request.reset(CANCEL);
    }
}
