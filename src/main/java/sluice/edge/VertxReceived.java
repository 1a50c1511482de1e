package sluice.edge;

import io.vertx.core.MultiMap;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.inbound.Peer;
import sluice.net.ConnectionEnd;
import sluice.net.LastCredential;
import sluice.net.Timeouts;

/** A request received by Vert.x' server, over HTTP/1 or HTTP/2. */
final class VertxReceived implements Received {

    /**
     * What becomes of answers that nobody takes.
     *
     * @param timeouts after which those without a single byte are given up
     * @param floor    bytes per second that a caller must take of the others
     */
    record Untaken(Vertx vertx, Timeouts timeouts, long floor) {}

    private final HttpServerRequest request;
    private final VertxRequest.Claim claim;
    private final LastCredential lastCredential;
    private final Untaken untaken;
    private Timeouts.@Nullable Timeout timeout;

    VertxReceived(HttpServerRequest request, VertxRequest.Claim claim, LastCredential lastCredential,
            Untaken untaken) {
        this.request = request;
        this.claim = claim;
        this.lastCredential = lastCredential;
        this.untaken = untaken;
    }

    @Override
    public HttpConnection connection() {
        return request.connection();
    }

    @Override
    public MultiMap headers() {
        return request.headers();
    }

    @Override
    public VertxRequest from(Peer peer) {
        return new VertxRequest(request, claim, peer, lastCredential);
    }

    @Override
    public void onLeave(Runnable left) {
        request.response().closeHandler(closed -> {
            taken();
            if (!request.response().ended()) {
                left.run();
            }
        });
        request.response().exceptionHandler(broken -> {
            // The close handler deals with it.
        });
    }

    /**
     * Over HTTP/2, a finished answer may still wait for its peer while the connection makes progress. Pending writes
     * cannot be inspected there, so each byte gets its time; after that the connection is closed, since streams that
     * have ended cannot be reset. Nor can handlers be added to them any more, so an earlier one reports their end.
     */
    @Override
    public void answered(long bytes) {
        HttpServerResponse response = request.response();
        if (response.streamId() < 0 || response.closed()) {
            return;
        }
        long atFloor = TimeUnit.SECONDS.toMillis(bytes / untaken.floor());
        timeout = untaken.timeouts().start(() -> untaken.vertx().setTimer(Math.max(1, atFloor), slow -> {
            if (!response.closed() && request.isEnded()) {
                ConnectionEnd.abort(request.connection());
            }
        }));
    }

    private void taken() {
        if (timeout != null) {
            timeout.cancel();
        }
    }
}
