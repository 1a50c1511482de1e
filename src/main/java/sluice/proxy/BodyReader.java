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

/** Reads whole request bodies into memory, within the bounds of one and of all. */
final class BodyReader {
    private static final int FIRST_CAPACITY = 4096;

    private final Vertx vertx;
    private final long maxBytes;
    private final Duration idle;
    private final HeldBodies held;

    BodyReader(Vertx vertx, long maxBytes, Duration idle, HeldBodies held) {
        this.vertx = vertx;
        this.maxBytes = maxBytes;
        this.idle = idle;
        this.held = held;
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
        private long timer = -1;
        private boolean progress;

        Reading(Arrival arrival, HeldBodies.Share share, int declared) {
            this.arrival = arrival;
            this.share = share;
            this.bytes = new byte[declared];
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
            watch();
            request.resume();
            return promise.future();
        }

        private void piece(Buffer piece) {
            progress = true;
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
            vertx.cancelTimer(timer);
            arrival.departure().ignore();
            promise.tryComplete(length == bytes.length ? bytes : Arrays.copyOf(bytes, length));
        }

        /** What has not come yet is left to {@link Refuse} to discard. */
        private void fail(Reason reason) {
            vertx.cancelTimer(timer);
            arrival.departure().ignore();
            arrival.request().pause().handler(null).endHandler(null);
            promise.tryFail(new Refusal(reason));
        }

        /** One timer looks now and then whether anything has come, rather than one for each piece. */
        private void watch() {
            progress = false;
            timer = vertx.setTimer(idle.toMillis(), fired -> {
                if (progress) {
                    watch();
                } else {
                    fail(new Reason.BodyTimeout());
                }
            });
        }
    }
}
