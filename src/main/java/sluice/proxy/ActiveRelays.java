package sluice.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** The answers that one event loop is relaying now. */
final class ActiveRelays {
    private final Set<Pump> pumps = new HashSet<>();

    void add(Pump pump) {
        pumps.add(pump);
    }

    void remove(Pump pump) {
        pumps.remove(pump);
    }

    /** Cuts all of them, since the gateway must end. */
    void cut() {
        List.copyOf(pumps).forEach(Pump::cutByGateway);
    }
}
