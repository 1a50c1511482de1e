package sluice.config;

import java.util.Optional;
import sluice.tenancy.KeyDigest;

/** Reads {@code sha256:…}, which names a key without revealing it. */
final class Digests {
    private Digests() {}

    /** The digest; empty if the digits are invalid, which is reported. */
    static Optional<KeyDigest> ofHex(Entry entry, String hex) {
        try {
            return Optional.of(KeyDigest.fromHex(hex));
        } catch (IllegalArgumentException e) {
            entry.refuse(Redaction.MARK, "64 hexadecimal digits, as the command key prints them");
            return Optional.empty();
        }
    }
}
