package sluice.answers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * A key for AES-256, never printed.
 *
 * @param id names it in what it has encrypted; the beginning of its digest
 */
public record SealKey(String id, SecretKey key) {
    private static final int BYTES = 32;
    static final int ID_BYTES = 8;

    /** The key that a text holds in base64, as {@code openssl rand -base64 32} prints it; empty if it holds none. */
    public static Optional<SealKey> of(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return bytes.length == BYTES
                    ? Optional.of(new SealKey(id(bytes), new SecretKeySpec(bytes, "AES")))
                    : Optional.empty();
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static String id(byte[] key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update("sluice answers".getBytes(UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(key), ID_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "key " + id;
    }
}
