package sluice.simulator.wire;

import io.vertx.core.buffer.Buffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/** Content as it arrives: counted, and kept as long as it is short. */
public final class IncomingContent {
    private static final int BLOCK = 64 * 1024;

    private final MessageDigest digest = sha256();
    private Optional<Buffer> kept = Optional.of(Buffer.buffer());
    private long size;

    public void add(Buffer part) {
        size += part.length();
        digest.update(part.getBytes());
        kept = kept.filter(bytes -> size <= Content.KEPT_MAX).map(bytes -> bytes.appendBuffer(part));
    }

    /** Adds bytes of which only the number is known. */
    public void addZeros(long number) {
        for (long left = number; left > 0; left -= BLOCK) {
            add(Buffer.buffer(new byte[(int) Math.min(BLOCK, left)]));
        }
    }

    /** The content, once all of it has arrived. */
    public Content whole() {
        return new Content(size, HexFormat.of().formatHex(digest.digest()), kept);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
