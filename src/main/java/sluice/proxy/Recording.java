package sluice.proxy;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** Records an answer for the cache while it passes, up to a size; what is larger is forgotten. */
final class Recording {
    private final int maxBytes;
    private final Buffer recorded = Buffer.buffer();
    private boolean overflown;

    /** Of at most so many bytes; 0 records nothing. */
    Recording(int maxBytes) {
        this.maxBytes = maxBytes;
        this.overflown = maxBytes == 0;
    }

    void accept(Buffer piece) {
        if (overflown) {
            return;
        }
        if (recorded.length() + piece.length() > maxBytes) {
            overflown = true;
        } else {
            recorded.appendBuffer(piece);
        }
    }

    /** All that passed, if it was not too large. */
    Optional<Buffer> whole() {
        return overflown ? Optional.empty() : Optional.of(recorded);
    }
}
