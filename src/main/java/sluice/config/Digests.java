package sluice.config;

import java.util.Map;
import java.util.Optional;
import sluice.tenancy.KeyDigest;
import sluice.yaml.Entry;
import sluice.yaml.Interpolation;
import sluice.yaml.Secret;

/** Reads {@code sha256:…}, which names a key without revealing it. */
final class Digests {
    private Digests() {}

    /** With or without the {@code sha256:} prefix; empty also if it is not at hand. */
    static Optional<KeyDigest> bare(Entry entry) {
        entry.takes(() -> Map.of("type", "string", "pattern", "^(?:sha256:)?[0-9a-fA-F]{64}$"));
        return entry.text().filter(Interpolation.Text::known)
                .flatMap(text -> ofHex(entry, text.value().replaceFirst("^sha256:", "")));
    }

    /** Of a key, given as itself or as its digest; empty if it is too short or malformed, which is reported. */
    static Optional<KeyDigest> of(Entry entry, Secret secret, int shortest) {
        if (secret.isDigest()) {
            return ofHex(entry, secret.digits());
        }
        if (secret.value().length() < shortest) {
            entry.refuseSecret("at least " + shortest + " characters");
            return Optional.empty();
        }
        return Optional.of(KeyDigest.of(secret.value()));
    }

    /** The digest; empty if the digits are invalid, which is reported. */
    private static Optional<KeyDigest> ofHex(Entry entry, String hex) {
        try {
            return Optional.of(KeyDigest.fromHex(hex));
        } catch (IllegalArgumentException e) {
            entry.refuseSecret("64 hexadecimal digits, as printed by `sluice key`");
            return Optional.empty();
        }
    }
}
