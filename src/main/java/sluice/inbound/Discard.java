package sluice.inbound;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;

/** Reads and discards an unwanted request body, within bounds of size and time. */
public final class Discard {
    /** The most to read of a body if its connection is to be used again, in bytes. */
    private static final long MOST_BYTES = 1024 * 1024;
    /** How long to keep reading before a connection is closed, so that a reset does not overtake the answer. */
    private static final long LINGER_MILLIS = 5_000;
    /** How long the rest of a request is read that is answered without it. */
    private static final long REST_MILLIS = 2_000;

    private final Vertx vertx;
    private final InboundRequest request;
    private final long maxBytes;
    private final long maxMillis;
    private long bytes;

    private Discard(Vertx vertx, InboundRequest request, long maxBytes, long maxMillis) {
        this.vertx = vertx;
        this.request = request;
        this.maxBytes = maxBytes;
        this.maxMillis = maxMillis;
    }

    /** Reads the rest of a request that is answered without it, for a while; as {@link #run}. */
    public static Future<Boolean> rest(Vertx vertx, InboundRequest request) {
        return new Discard(vertx, request, MOST_BYTES, REST_MILLIS).run();
    }

    /**
     * Reads what is still coming before a connection is closed: closing with unread bytes would cause a reset, which
     * may overtake the answer.
     */
    public static Future<Boolean> linger(Vertx vertx, InboundRequest request) {
        return new Discard(vertx, request, Long.MAX_VALUE, LINGER_MILLIS).run();
    }

    /**
     * Reads what is still coming for a while after the answer has been written whole, and then stops it: an unread
     * stream or connection would hold up its neighbors.
     */
    public static void andStop(Vertx vertx, InboundRequest request) {
        linger(vertx, request).onSuccess(whole -> {
            if (!whole) {
                request.stop();
            }
        });
    }

    /** Whether the whole body was read; false once a bound is reached or the sender has left. */
    private Future<Boolean> run() {
        if (request.isEnded()) {
            return Future.succeededFuture(true);
        }
        // A sender that waits for 100-continue may never send, and must be answered first.
        if (declared() > maxBytes || request.waitsToBeAsked()) {
            return Future.succeededFuture(false);
        }
        Promise<Boolean> done = Promise.promise();
        long timer = vertx.setTimer(maxMillis, late -> done.tryComplete(false));
        request.read(piece -> {
            bytes += piece.length();
            if (bytes > maxBytes) {
                done.tryComplete(false);
            }
        }, () -> done.tryComplete(true), broken -> done.tryComplete(false));
        request.resume();
        return done.future().onComplete(over -> vertx.cancelTimer(timer));
    }

    private long declared() {
        String length = request.header(HttpHeaders.CONTENT_LENGTH);
        try {
            return length == null ? 0 : Long.parseLong(length);
        } catch (NumberFormatException ambiguous) {
            return Long.MAX_VALUE;
        }
    }

}
