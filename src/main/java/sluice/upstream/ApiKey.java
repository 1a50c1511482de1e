package sluice.upstream;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A credential that must never be seen: it is redacted wherever it is printed.
 *
 * @param value the secret itself
 */
public record ApiKey(String value) {

    /** The first 12 hexadecimal digits of its SHA-256: how replicas refer to it. */
    public String id() {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest, 0, 6);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public String toString() {
        return "[redacted]";
    }
}
