package sluice.simulator.wire;

import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/**
 * The content of a file.
 *
 * @param sha256 in hex
 * @param bytes  empty if it was too long to keep
 */
public record Content(long size, String sha256, Optional<Buffer> bytes) {
    /** Anything longer is counted but not kept. */
    public static final int KEPT_MAX = 1024 * 1024;

    public static Content of(Buffer bytes) {
        IncomingContent incoming = new IncomingContent();
        incoming.add(bytes);
        return incoming.whole();
    }

    /** Kept whatever its length. */
    public static Content kept(Buffer bytes) {
        Content counted = of(bytes);
        return new Content(counted.size(), counted.sha256(), Optional.of(bytes));
    }
}
