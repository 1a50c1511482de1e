package sluice.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sluice.tenancy.Revocations;

/** The calls that one event loop has in flight upstream, so that they can be cut short. */
public final class ActiveCalls {

    /** A call, for as long as a stage works on it. */
    public interface Call {

        /** What identifies its caller. */
        Credential credential();

        /** Its credential has been revoked. */
        public void revoked();

        /** The gateway is shutting down. */
        public void cut();
    }

    private final Set<Call> calls = new HashSet<>();
    private final Revocations revocations;

    public ActiveCalls(Revocations revocations) {
        this.revocations = revocations;
    }

    /** Whether it has been revoked since its call was admitted. */
    public boolean isRevoked(Credential credential) {
        return credential.isRevoked(revocations);
    }

    public void add(Call call) {
        calls.add(call);
    }

    public void remove(Call call) {
        calls.remove(call);
    }

    /** Cuts the calls of a revoked key or subject. */
    public void revoked(String id) {
        List.copyOf(calls).stream().filter(call -> call.credential().has(id)).forEach(Call::revoked);
    }

    /** Cuts all calls, because the gateway must end. */
    public void cut() {
        List.copyOf(calls).forEach(Call::cut);
    }
}
