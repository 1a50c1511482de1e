package sluice.simulator;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;

/** Reads the key from an {@code authorization} header: a bearer token, or the password of Basic authentication. */
final class Credentials {
    private static final String BEARER = "bearer ";
    private static final String BASIC = "basic ";

    private Credentials() {}

    static Optional<String> keyOf(String authorization) {
        String scheme = authorization.toLowerCase(Locale.ROOT);
        if (scheme.startsWith(BEARER)) {
            return nonBlank(authorization.substring(BEARER.length()));
        }
        return scheme.startsWith(BASIC) ? password(authorization.substring(BASIC.length())) : Optional.empty();
    }

    static String redacted(String authorization) {
        return "key id " + KeyId.of(keyOf(authorization).orElse(authorization));
    }

    private static Optional<String> password(String encoded) {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
            return nonBlank(pair.substring(pair.indexOf(':') + 1));
        } catch (IllegalArgumentException notBase64) {
            return Optional.empty();
        }
    }

    private static Optional<String> nonBlank(String key) {
        return Optional.of(key.strip()).filter(stripped -> !stripped.isEmpty());
    }
}
