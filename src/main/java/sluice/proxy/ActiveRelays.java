package sluice.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sluice.tenant.Revocations;

/** The answers that one event loop is relaying now. */
final class ActiveRelays {
    private final Set<Pump> pumps = new HashSet<>();
    private final Revocations revocations;

    ActiveRelays(Revocations revocations) {
        this.revocations = revocations;
    }

    /** Cuts what a revoked key has opened. */
    void revoked(String keyId) {
        List.copyOf(pumps).stream().filter(pump -> pump.keyId().equals(keyId)).forEach(Pump::cutByRevocation);
    }

    /** Begins one; of a key that was revoked while its call was on its way, only to cut it. */
    void started(Pump pump) {
        if (revocations.has(pump.keyId())) {
            pump.cutByRevocation();
        }
    }

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
