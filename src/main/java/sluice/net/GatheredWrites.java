package sluice.net;

import java.util.function.Consumer;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;

/**
 * Writes the pieces of a body. Each write costs as much as hundreds of bytes, so tiny pieces are written together, once
 * per turn of the event loop.
 */
public final class GatheredWrites {
    /** Pieces at least this long are written on their own, in bytes. */
    private static final int WORTH_A_WRITE = 512;
    /** The most to gather, in bytes. */
    private static final int MOST = 16 * 1024;

    private final Consumer<Buffer> to;
    private final Context loop;
    private Buffer gathered = Buffer.buffer();
    private boolean due;
    private boolean over;

    /** Must be used on this event loop. */
    public GatheredWrites(Consumer<Buffer> to, Context loop) {
        this.to = to;
        this.loop = loop;
    }

    /** Writes a piece by the end of this turn. */
    public void write(Buffer piece) {
        if (piece.length() >= WORTH_A_WRITE) {
            flush();
            to.accept(piece);
            return;
        }
        gathered.appendBuffer(piece);
        if (gathered.length() >= MOST) {
            flush();
        } else if (!due && gathered.length() > 0) {
            due = true;
            loop.runOnContext(turned -> {
                due = false;
                flush();
            });
        }
    }

    /** Writes what has been gathered. */
    public void flush() {
        if (gathered.length() > 0 && !over) {
            Buffer all = gathered;
            gathered = Buffer.buffer();
            to.accept(all);
        }
    }

    /** Gathered pieces are no longer written. */
    public void stop() {
        over = true;
    }
}
