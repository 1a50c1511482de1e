package sluice.net;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import org.jspecify.annotations.Nullable;

/** Keeps the beginning of a body, up to a size, and discards the rest. */
public final class BeginningOfBody implements WriteStream<Buffer> {
    private final int maxBytes;
    private final Buffer kept = Buffer.buffer();

    public BeginningOfBody(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /** What was kept. */
    public Buffer bytes() {
        return kept;
    }

    @Override
    public Future<Void> write(Buffer piece) {
        kept.appendBuffer(piece, 0, Math.min(piece.length(), maxBytes - kept.length()));
        return Future.succeededFuture();
    }

    @Override
    public Future<Void> end() {
        return Future.succeededFuture();
    }

    @Override
    public boolean writeQueueFull() {
        return false;
    }

    @Override
    public WriteStream<Buffer> exceptionHandler(@Nullable Handler<Throwable> handler) {
        return this;
    }

    @Override
    public WriteStream<Buffer> setWriteQueueMaxSize(int maxSize) {
        return this;
    }

    @Override
    public WriteStream<Buffer> drainHandler(@Nullable Handler<Void> handler) {
        return this;
    }
}
