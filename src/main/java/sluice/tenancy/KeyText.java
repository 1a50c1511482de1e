package sluice.tenancy;

import java.security.SecureRandom;
import java.util.Base64;

/** A new key as its owner will present it: shown once, and stored nowhere. It never prints itself. */
public final class KeyText {
    private static final String PREFIX = "sk-sluice-";
    private static final int RANDOM_BYTES = 32;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final String text;

    private KeyText(String text) {
        this.text = text;
    }

    /** An unguessable one: 256 random bits. */
    public static KeyText random() {
        byte[] bytes = new byte[RANDOM_BYTES];
        RANDOM.nextBytes(bytes);
        return new KeyText(PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    /** What is kept of it. */
    public KeyDigest digest() {
        return KeyDigest.of(text);
    }

    /** The key itself, for its owner alone. */
    public String reveal() {
        return text;
    }

    @Override
    public String toString() {
        return digest().id();
    }
}
