package sluice.proxy.body;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;
import sluice.net.Timeouts;
import sluice.openai.Envelope;
import sluice.openai.Envelope.Splice;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.upstream.call.UpstreamRequest;

/** The JSON body of a call, held once, and what it says. */
public final class HeldBody implements Body {
    private static final byte[] NONE = new byte[0];

    private final Envelope envelope;
    private final @Nullable String pathModel;
    private final boolean askForUsage;
    private final Part share;
    private byte[] bytes;

    /**
     * A body that has been read.
     *
     * @param pathModel   the model that the path names and the body does not, or null
     * @param askForUsage whether its stream is to report usage although the caller did not ask for it
     */
    public HeldBody(byte[] bytes, Envelope envelope, @Nullable String pathModel, boolean askForUsage,
            Part share) {
        this.bytes = bytes;
        this.envelope = envelope;
        this.pathModel = pathModel;
        this.askForUsage = askForUsage;
        this.share = share;
    }

    /** As it arrived. */
    public byte[] bytes() {
        return bytes;
    }

    /** The model that the path names and the body does not, or null. */
    @Nullable
    public String pathModel() {
        return pathModel;
    }

    /** Whether its stream will report usage that the caller did not ask for. */
    public boolean asksForUsage() {
        return askForUsage;
    }

    @Override
    public Envelope envelope() {
        return envelope;
    }

    @Override
    public boolean repeatable() {
        return true;
    }

    @Override
    public Future<Void> send(UpstreamRequest to, Timeouts stall, ModelCheck late) {
        Future<Void> taken = to.end(toBuffer());
        if (taken.isComplete()) {
            return taken;
        }
        Promise<Void> sent = Promise.promise();
        Timeouts.Timeout stalled = stall.start(() -> sent.tryFail(new Refusal(new Reason.UpstreamTimeout(false))));
        taken.onComplete(done -> {
            stalled.cancel();
            sent.handle(done);
        });
        return sent.future();
    }

    /** As it goes upstream: the caller's bytes, with the gateway's edits. */
    Buffer toBuffer() {
        List<Splice> edits = new ArrayList<>(2);
        if (pathModel != null) {
            edits.add(envelope.modelEdit().naming(pathModel));
        }
        if (askForUsage && envelope.usageOption() != null) {
            edits.add(envelope.usageOption());
        }
        if (edits.isEmpty()) {
            return BufferInternal.buffer(Unpooled.wrappedBuffer(bytes));
        }
        edits.sort(Comparator.comparingInt(Splice::from));
        List<ByteBuf> parts = new ArrayList<>();
        int from = 0;
        for (Splice edit : edits) {
            parts.add(Unpooled.wrappedBuffer(bytes, from, edit.from() - from));
            parts.add(Unpooled.wrappedBuffer(edit.text().getBytes(StandardCharsets.UTF_8)));
            from = edit.to();
        }
        parts.add(Unpooled.wrappedBuffer(bytes, from, bytes.length - from));
        return BufferInternal.buffer(Unpooled.wrappedBuffer(parts.toArray(ByteBuf[]::new)));
    }

    @Override
    public void answered() {
        release();
    }

    @Override
    public void release() {
        bytes = NONE;
        share.close();
    }
}
