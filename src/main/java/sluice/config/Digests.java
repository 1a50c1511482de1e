package sluice.config;

import java.util.Optional;
import sluice.tenancy.KeyDigest;

/** Reads {@code sha256:…}, by which the file can name a key without holding it. */
final class Digests {
    private Digests() {}

    /** The digest; empty where these are not its digits, which is then reported. */
    static Optional<KeyDigest> ofHex(Entry entry, String hex) {
        try {
            return Optional.of(KeyDigest.fromHex(hex));
        } catch (IllegalArgumentException e) {
            entry.refuse(Redaction.MARK, "64 hexadecimal digits, as the command key prints them");
            return Optional.empty();
        }
    }
}
