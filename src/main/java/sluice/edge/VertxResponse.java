package sluice.edge;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import sluice.inbound.InboundResponse;
import sluice.net.ConnectionEnd;

/** An answer that Vert.x' server writes, over HTTP/1 or HTTP/2. */
final class VertxResponse implements InboundResponse {
    /** Reset codes (RFC 9113, section 7); over HTTP/1.1 the connection closes. */
    private static final long INTERNAL_ERROR = 2;
    private static final long CANCEL = 8;

    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private boolean endsWithConnection;

    VertxResponse(HttpServerRequest request) {
        this.request = request;
        this.response = request.response();
    }

    @Override
    public void status(int status) {
        response.setStatusCode(status);
    }

    @Override
    public MultiMap headers() {
        return response.headers();
    }

    @Override
    public MultiMap trailers() {
        return response.trailers();
    }

    @Override
    public void open() {
        response.setChunked(true);
        if (request.version() == HttpVersion.HTTP_1_0) {
            endsWithConnection = true;
            // Vert.x would promise to keep the connection.
            response.headersEndHandler(set -> header(HttpHeaders.CONNECTION, HttpHeaders.CLOSE));
        }
    }

    @Override
    public void closing() {
        if (!isMultiplexed()) {
            header(HttpHeaders.CONNECTION, HttpHeaders.CLOSE);
        }
    }

    @Override
    public Future<Void> write(Buffer piece) {
        return response.write(piece);
    }

    @Override
    public Future<Void> end(Buffer last) {
        return response.end(last);
    }

    @Override
    public Future<Void> end() {
        return response.end();
    }

    @Override
    public boolean endsWithConnection() {
        return endsWithConnection;
    }

    @Override
    public boolean writeQueueFull() {
        return response.writeQueueFull();
    }

    @Override
    public void drainHandler(Runnable drained) {
        response.drainHandler(drain -> drained.run());
    }

    @Override
    public boolean headWritten() {
        return response.headWritten();
    }

    @Override
    public boolean isEnded() {
        return response.ended();
    }

    @Override
    public boolean isClosed() {
        return response.closed();
    }

    @Override
    public boolean isMultiplexed() {
        return response.streamId() >= 0;
    }

    @Override
    public void cancel() {
        response.reset(CANCEL);
    }

    @Override
    public void abort() {
        if (endsWithConnection) {
            ConnectionEnd.reset(request.connection());
        } else {
            response.reset(INTERNAL_ERROR);
        }
    }
}
