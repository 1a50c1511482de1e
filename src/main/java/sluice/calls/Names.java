package sluice.calls;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Bounds how many end users and tags get rows of their own, since callers choose those names: beyond so many in a
 * day, new ones share a row. Names seen by other or earlier processes are not known here.
 */
final class Names {
    static final String OTHER = "other";
    private static final int MOST_OF_TENANT = 10_000;
    private static final int MOST = 200_000;

    private final Map<String, Set<String>> ofTenants = new HashMap<>();
    private long day;
    private int all;

    /** The name, or {@link #OTHER} if there are too many on this day. */
    String bounded(long ofDay, String tenant, String name) {
        if (ofDay > day) {
            day = ofDay;
            ofTenants.clear();
            all = 0;
        }
        Set<String> known = ofTenants.computeIfAbsent(tenant, fresh -> new HashSet<>());
        if (known.contains(name)) {
            return name;
        }
        if (known.size() >= MOST_OF_TENANT || all >= MOST) {
            return OTHER;
        }
        known.add(name);
        all++;
        return name;
    }
}
