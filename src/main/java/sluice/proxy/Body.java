package sluice.proxy;

import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.json.Json;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import sluice.openai.Envelope;

/** The JSON body of a call, held once, and what it says. */
final class Body {
    private static final byte[] NONE = new byte[0];

    private final Envelope envelope;
    private final @Nullable String pathModel;
    private final HeldBodies.Share share;
    private byte[] bytes;

    /**
     * A body that has been read.
     *
     * @param pathModel the model that the path names and the body does not, or null
     */
    Body(byte[] bytes, Envelope envelope, @Nullable String pathModel, HeldBodies.Share share) {
        this.bytes = bytes;
        this.envelope = envelope;
        this.pathModel = pathModel;
        this.share = share;
    }

    /** As it came. */
    byte[] bytes() {
        return bytes;
    }

    Envelope envelope() {
        return envelope;
    }

    /** The model that the path names and the body does not, or null. */
    @Nullable
    String pathModel() {
        return pathModel;
    }

    /** As it goes upstream: the caller's bytes, behind the model from the path where there is one. */
    Buffer toBuffer() {
        if (pathModel == null) {
            return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
        }
        int first = 0;
        while (bytes[first] != '{') {
            first++;
        }
        String field = "{\"model\":" + Json.encode(pathModel) + (envelope.empty() ? "" : ",");
        return BufferInternal
                .buffer(Unpooled.wrappedBuffer(Unpooled.wrappedBuffer(field.getBytes(StandardCharsets.UTF_8)),
                        Unpooled.wrappedBuffer(bytes, first + 1, bytes.length - first - 1)));
    }

    /** It will not be sent again. */
    void release() {
        bytes = NONE;
        share.release();
    }
}
