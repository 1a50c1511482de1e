package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.Arrays;
import sluice.proxy.Exchange.Arrival;
import sluice.time.Time;

/** Reads whole request bodies into memory, within the bounds of one and of all. */
final class BodyReader {
    private static final int FIRST_CAPACITY = 4096;

    private final Vertx vertx;
    private final long maxBytes;
    private final Duration idle;
    private final HeldBodies held;
    private final Time time;

    BodyReader(Vertx vertx, long maxBytes, Duration idle, HeldBodies held, Time time) {
        this.vertx = vertx;
        this.maxBytes = maxBytes;
        this.idle = idle;
        this.held = held;
        this.time = time;
    }

    /** A share of the memory that holds nothing yet. */
    HeldBodies.Share nothing() {
        return held.share();
    }

    /** Reads the body of a call whose request is paused; fails if it is too large, stops coming, or its sender leaves. */
    Future<byte[]> read(Arrival arrival, HeldBodies.Share share) {
        HttpServerRequest request = arrival.request();
        String declared = request.getHeader(HttpHeaders.CONTENT_LENGTH);
        long length = declared == null ? 0 : Long.parseLong(declared);
        if (length > maxBytes) {
            return Refusal.of(new Reason.BodyTooLarge(maxBytes));
        }
        if (!share.grow(length)) {
            return Refusal.of(new Reason.Overloaded());
        }
        return new Reading(arrival, share, (int) length).start();
    }

    /** One body on its way in. */
    private final class Reading {
        private final Arrival arrival;
        private final HeldBodies.Share share;
        private final Promise<byte[]> promise = Promise.promise();
        private byte[] bytes;
        private int length;
        private final IdleWatch watch;

        Reading(Arrival arrival, HeldBodies.Share share, int declared) {
            this.arrival = arrival;
            this.share = share;
            this.bytes = new byte[declared];
            this.watch = new IdleWatch(vertx, time, idle, () -> fail(new Reason.BodyTimeout()));
        }

        Future<byte[]> start() {
            HttpServerRequest request = arrival.request();
            arrival.departure().then(() -> fail(new Reason.ClientGone(false)));
            request.handler(this::piece);
            request.endHandler(end -> done());
            request.exceptionHandler(broken -> fail(new Reason.ClientGone(false)));
            if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
                arrival.response().writeContinue();
            }
            request.resume();
            return promise.future();
        }

        private void piece(Buffer piece) {
            watch.heard();
            int needed = length + piece.length();
            if (needed > maxBytes) {
                fail(new Reason.BodyTooLarge(maxBytes));
                return;
            }
            if (needed > bytes.length) {
                int capacity = (int) Math.min(maxBytes, Math.max(needed, Math.max(FIRST_CAPACITY, bytes.length * 2L)));
                if (!share.grow(capacity - bytes.length)) {
                    fail(new Reason.Overloaded());
                    return;
                }
                bytes = Arrays.copyOf(bytes, capacity);
            }
            piece.getBytes(bytes, length);
            length = needed;
        }

        private void done() {
            watch.stop();
            arrival.departure().ignore();
            promise.tryComplete(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        }

        /** What has not come yet is left to {@link Refuse} to discard. */
        private void fail(Reason reason) {
            watch.stop();
            arrival.departure().ignore();
            arrival.request().pause().handler(null).endHandler(null);
            promise.tryFail(new Refusal(reason));
        }
    }
}
