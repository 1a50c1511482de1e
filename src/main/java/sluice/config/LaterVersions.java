package sluice.config;

import java.util.Set;

/**
 * What the configuration promises and this version does not do yet. It is refused rather than ignored: nobody should
 * believe in a limit that is not held. Whoever builds one of these removes it here.
 */
final class LaterVersions {
    private static final Set<String> KEYS = Set.of( //
            "redis", "ledger", //
            "upstream.retries", "upstream.breaker", //
            "upstream.accounts[].models", "upstream.accounts[].tpm", "upstream.accounts[].tpd", //
            "plans.*.tpm", "plans.*.tpd", "plans.*.weight", "plans.*.max-wait", "plans.*.priority", //
            "plans.*.model-limits.*.tpm", "plans.*.model-limits.*.tpd", //
            "tenants[].tpm", "tenants[].tpd", "tenants[].weight", "tenants[].max-wait", "tenants[].priority", //
            "tenants[].model-limits.*.tpm", "tenants[].model-limits.*.tpd", //
            "queue.batch-share");

    private static final Set<String> ENDPOINTS = Set.of( //
            "stored-objects", "files", "fine-tuning", "batch", "realtime", "realtime-direct", "admin", "other");

    private LaterVersions() {}

    /** @param shape a key as {@code tenants[].tpm} */
    static boolean bringKey(String shape) {
        return KEYS.contains(shape);
    }

    static boolean bringEndpoint(String name) {
        return ENDPOINTS.contains(name);
    }
}
