package sluice.metrics;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Names that may be labels, the first of them up to a bound; the rest share {@link GatewayMeters#OTHER}. */
final class BoundedNames {
    private static final int LONGEST = 256;

    private final int most;
    private final Set<String> names = ConcurrentHashMap.newKeySet();

    BoundedNames(int most) {
        this.most = most;
    }

    /** The label of a name, which takes a place if one is free. */
    String label(String name) {
        boolean room = !name.isEmpty() && name.length() <= LONGEST && names.size() < most;
        return names.contains(name) || (room && names.add(name)) ? name : GatewayMeters.OTHER;
    }

    /** The label of a name, which takes no place. */
    String known(String name) {
        return names.contains(name) ? name : GatewayMeters.OTHER;
    }
}
