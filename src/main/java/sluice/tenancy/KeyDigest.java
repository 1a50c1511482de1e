package sluice.tenancy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The SHA-256 of a tenant's key, which is all the gateway keeps. Keys are long and random, so a fast hash is as good as
 * a slow one. Comparison takes constant time.
 */
public final class KeyDigest {
    private static final HexFormat HEX = HexFormat.of();
    private static final ThreadLocal<MessageDigest> SHA_256 = ThreadLocal.withInitial(KeyDigest::sha256);

    private final byte[] bytes;
    /** Made when first asked for; several threads may make it. */
    private @Nullable String id;

    private KeyDigest(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Digests a key as a caller presents it. */
    public static KeyDigest of(String key) {
        return new KeyDigest(SHA_256.get().digest(key.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * Reads the hexadecimal form.
     *
     * @throws IllegalArgumentException if these are not 64 hexadecimal digits
     */
    public static KeyDigest fromHex(String hex) {
        byte[] bytes = HEX.parseHex(hex);
        if (bytes.length != 32) {
            throw new IllegalArgumentException("not 64 hexadecimal digits");
        }
        return new KeyDigest(bytes);
    }

    /** The first 12 hexadecimal digits: the name of a key in logs, metrics and the admin API. */
    public String id() {
        String made = id;
        if (made == null) {
            made = HEX.formatHex(bytes, 0, 6);
            id = made;
        }
        return made;
    }

    /** Its 32 bytes. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    /** All 64 hexadecimal digits, as the configuration holds them. */
    public String hex() {
        return HEX.formatHex(bytes);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof KeyDigest that && MessageDigest.isEqual(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return id();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
