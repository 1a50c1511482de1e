package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import sluice.openai.MalformedBody;
import sluice.proxy.Exchange.Arrival;
import sluice.quota.Ending;

/** Reads request bodies into memory, whole or their beginning, within the bounds of one and of all. */
final class BodyReader {
    private static final int FIRST_CAPACITY = 4096;

    private final long maxBytes;
    private final Timeouts idle;
    private final HeldBodies held;

    /** @param idle as long as the longest silence within a body */
    BodyReader(long maxBytes, Timeouts idle, HeldBodies held) {
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
        Gathering bytes = new Gathering(share, (int) length);
        return new Reading(arrival, bytes).start().map(read -> bytes.whole());
    }

    /** Reads the beginning of a form, until its model is known or as much is kept back as may be. */
    Future<Void> begin(Arrival arrival, Form form, HeldBodies.Share share) {
        if (!share.grow(Form.MOST_KEPT_BACK)) {
            return Refusal.of(new Reason.Overloaded());
        }
        return new Reading(arrival, new Sink() {
            @Override
            public boolean accept(Buffer piece) throws MalformedBody {
                return form.keepBack(piece);
            }

            @Override
            public void end() {
                form.keptWhole();
            }
        }).start();
    }

    /** What becomes of the pieces of a body. */
    private interface Sink {

        /** Takes a piece; true if no more is wanted now. */
        boolean accept(Buffer piece) throws MalformedBody;

        /** That was all. */
        void end();
    }

    /** A whole body. */
    private final class Gathering implements Sink {
        private final HeldBodies.Share share;
        private byte[] bytes;
        private int length;

        Gathering(HeldBodies.Share share, int declared) {
            this.share = share;
            this.bytes = new byte[declared];
        }

        @Override
        public boolean accept(Buffer piece) {
            int needed = length + piece.length();
            if (needed > maxBytes) {
                throw new Refusal(new Reason.BodyTooLarge(maxBytes));
            }
            if (needed > bytes.length) {
                int capacity = (int) Math.min(maxBytes, Math.max(needed, Math.max(FIRST_CAPACITY, bytes.length * 2L)));
                if (!share.grow(capacity - bytes.length)) {
                    throw new Refusal(new Reason.Overloaded());
                }
                bytes = Arrays.copyOf(bytes, capacity);
            }
            piece.getBytes(bytes, length);
            length = needed;
            return false;
        }

        @Override
        public void end() {
            // What came is all there is.
        }

        byte[] whole() {
            return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
        }
    }

    /** One body on its way in. */
    private final class Reading {
        private final Arrival arrival;
        private final Sink sink;
        private final Promise<Void> promise = Promise.promise();
        private final IdleWatch watch;

        Reading(Arrival arrival, Sink sink) {
            this.arrival = arrival;
            this.sink = sink;
            this.watch = new IdleWatch(idle, () -> fail(new Reason.BodyTimeout()));
        }

        Future<Void> start() {
            HttpServerRequest request = arrival.request();
            arrival.departure().then(() -> fail(new Reason.ClientGone(Ending.NOT_SENT)));
            request.handler(this::piece);
            request.endHandler(end -> {
                sink.end();
                done();
            });
            request.exceptionHandler(broken -> fail(BrokenRequest.reason(broken)));
            if ("100-continue".equalsIgnoreCase(request.getHeader(HttpHeaders.EXPECT))) {
                arrival.response().writeContinue();
            }
            request.resume();
            return promise.future();
        }

        private void piece(Buffer piece) {
            watch.heard();
            try {
                if (sink.accept(piece)) {
                    arrival.request().pause();
                    done();
                }
            } catch (MalformedBody fault) {
                fail(new Reason.BadBody(fault));
            } catch (Refusal refusal) {
                fail(Refusal.reasonOf(refusal));
            }
        }

        private void done() {
            watch.stop();
            arrival.departure().ignore();
            promise.tryComplete();
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
