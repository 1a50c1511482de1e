package sluice.config;

import java.util.Set;

/**
 * What the configuration promises and this version does not do yet. It is refused rather than ignored: nobody should
 * believe in a limit that is not held. Whoever builds one of these removes it here.
 */
final class LaterVersions {
    private static final Set<String> KEYS = Set.of( //
            "redis");

    private LaterVersions() {}

    /** @param shape a key as {@code tenants[].name} */
    static boolean bringKey(String shape) {
        return KEYS.contains(shape);
    }
}
