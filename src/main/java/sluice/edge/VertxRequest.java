package sluice.edge;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.ServerWebSocket;
import java.util.function.Consumer;
import sluice.inbound.InboundRequest;
import sluice.inbound.InboundResponse;
import sluice.inbound.Peer;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.net.LastCredential;
import sluice.net.StrictDecoder;

/** A request received by Vert.x' server, over HTTP/1 or HTTP/2. */
public final class VertxRequest implements InboundRequest {

    /** Counts a connection for the tenant that has called over it, if the tenant may have another. */
    @FunctionalInterface
    public interface Claim {
        Room apply(HttpConnection connection, Holder tenant);
    }

    /** Nothing is wrong; the rest is just not needed (RFC 9113, section 7). */
    private static final long NO_ERROR = 0;

    private final HttpServerRequest request;
    private final Claim claim;
    private final Peer peer;
    private final LastCredential lastCredential;
    private final VertxResponse response;
    private boolean asked;

    /** Takes a request that is paused, unless it cannot be parsed. */
    public VertxRequest(HttpServerRequest request, Claim claim, Peer peer, LastCredential lastCredential) {
        this.request = request;
        this.claim = claim;
        this.peer = peer;
        this.lastCredential = lastCredential;
        this.response = new VertxResponse(request);
    }

    @Override
    public HttpMethod method() {
        return request.method();
    }

    @Override
    public HttpVersion version() {
        return request.version();
    }

    @Override
    public String target() {
        return request.uri();
    }

    @Override
    public String path() {
        String path = request.path();
        return path == null ? "" : path;
    }

    @Override
    public MultiMap parameters() {
        return request.params();
    }

    @Override
    public MultiMap headers() {
        return request.headers();
    }

    @Override
    public Peer peer() {
        return peer;
    }

    @Override
    public LastCredential lastCredential() {
        return lastCredential;
    }

    @Override
    public InboundResponse response() {
        return response;
    }

    @Override
    public boolean isEnded() {
        return request.isEnded();
    }

    @Override
    public void read(Consumer<Buffer> piece, Runnable end, Consumer<Throwable> broken) {
        request.handler(piece::accept).endHandler(ended -> end.run()).exceptionHandler(broken::accept);
    }

    @Override
    public void pause() {
        request.pause();
    }

    @Override
    public void resume() {
        request.resume();
    }

    @Override
    public void abandon() {
        request.pause().handler(null).endHandler(null);
    }

    @Override
    public boolean waitsToBeAsked() {
        return !asked && request.version() != HttpVersion.HTTP_1_0
                && "100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT));
    }

    @Override
    public void askForBody() {
        asked = true;
        request.response().writeContinue();
    }

    @Override
    public Room claim(Holder tenant) {
        return claim.apply(request.connection(), tenant);
    }

    @Override
    public void closeConnection() {
        request.connection().close();
    }

    @Override
    public void stop() {
        if (response.isMultiplexed()) {
            request.response().reset(NO_ERROR);
        } else {
            closeConnection();
        }
    }

    @Override
    public boolean endsHttp() {
        return StrictDecoder.end(request);
    }

    @Override
    public Future<ServerWebSocket> toWebSocket() {
        try {
            return request.toWebSocket().onFailure(gone -> forget());
        } catch (RuntimeException gone) {
            forget();
            return Future.failedFuture(gone);
        }
    }

    /** Vert.x 5.1.6 would continue a failed handshake at the end of the request, and throw. */
    private void forget() {
        request.endHandler(null);
    }
}
