package sluice.managed;

import java.util.List;
import java.util.Map;

/**
 * What has changed since a given change number.
 *
 * @param number      of the last change in it
 * @param whole       whether it is everything, replacing what was known
 * @param gone        the names of tenants that were deleted
 * @param goneKeys    the ids of keys that were deleted
 * @param revocations the ids of keys that were revoked, or restored where false
 */
public record Changes(long number, boolean whole, List<ManagedTenant> tenants, List<String> gone, List<ManagedKey> keys,
        List<String> goneKeys, Map<String, Boolean> revocations) {
    /** Nothing is managed yet. */
    static final Changes NONE = new Changes(0, true, List.of(), List.of(), List.of(), List.of(), Map.of());

    public Changes {
        tenants = List.copyOf(tenants);
        gone = List.copyOf(gone);
        keys = List.copyOf(keys);
        goneKeys = List.copyOf(goneKeys);
        revocations = Map.copyOf(revocations);
    }
}
