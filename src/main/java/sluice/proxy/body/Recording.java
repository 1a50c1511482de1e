package sluice.proxy.body;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;
import sluice.isolation.Part;

/**
 * Records an answer for the cache as it passes, up to a size and as long as there is room for all recordings; otherwise
 * the recording is dropped.
 */
public final class Recording {
    private static final Buffer NOTHING = Buffer.buffer();

    private final int maxBytes;
    private final Part memory;
    private Buffer recorded = NOTHING;
    private boolean overflowed;

    /** Records up to this many bytes; 0 records nothing. */
    public Recording(int maxBytes, Part memory) {
        this.maxBytes = maxBytes;
        this.memory = memory;
        this.overflowed = maxBytes == 0;
    }

    public void accept(Buffer piece) {
        if (overflowed) {
            return;
        }
        if (recorded.length() + piece.length() > maxBytes || !memory.take(piece.length()).given()) {
            overflowed = true;
            forget();
            return;
        }
        if (recorded.length() == 0) {
            // Most answers that are not streams arrive in one piece.
            recorded = Buffer.buffer(piece.length());
        }
        recorded.appendBuffer(piece);
    }

    /** Everything that passed, if it was not too large. */
    public Optional<Buffer> whole() {
        return overflowed ? Optional.empty() : Optional.of(recorded);
    }

    /** Drops the recording. */
    public void forget() {
        recorded = NOTHING;
        memory.close();
    }
}
