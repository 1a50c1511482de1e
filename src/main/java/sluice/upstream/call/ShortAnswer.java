package sluice.upstream.call;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;

/** Reads an upstream answer that is needed whole, within bounds of size and time. */
public final class ShortAnswer {
    private final Vertx vertx;
    private final UpstreamCall call;
    private final UpstreamResponse response;
    private final int maxBytes;
    private final long maxMillis;

    /** Takes a paused answer. */
    public ShortAnswer(Vertx vertx, UpstreamCall call, UpstreamResponse response, int maxBytes, long maxMillis) {
        this.vertx = vertx;
        this.call = call;
        this.response = response;
        this.maxBytes = maxBytes;
        this.maxMillis = maxMillis;
    }

    /** What arrived within the bounds; never fails. {@code call} then knows whether that is all of it. */
    public Future<Buffer> read() {
        Promise<Buffer> body = Promise.promise();
        Buffer read = Buffer.buffer();
        long timer = vertx.setTimer(maxMillis, late -> body.tryComplete(read));
        response.read(piece -> {
            if (read.length() + piece.length() > maxBytes) {
                body.tryComplete(read);
            } else {
                read.appendBuffer(piece);
            }
        }, () -> {
            call.answered();
            body.tryComplete(read);
        }, broken -> body.tryComplete(read));
        response.resume();
        return body.future().onComplete(over -> vertx.cancelTimer(timer));
    }
}
