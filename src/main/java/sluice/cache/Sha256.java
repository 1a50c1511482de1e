package sluice.cache;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** Starts digests cheaply: looking the algorithm up costs more than digesting a short text. */
final class Sha256 {
    private static final MessageDigest UNUSED = unused();

    private Sha256() {}

    /** A digest of nothing so far. */
    static MessageDigest begun() {
        try {
            return (MessageDigest) UNUSED.clone();
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("Java's own digests can be copied", e);
        }
    }

    private static MessageDigest unused() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
