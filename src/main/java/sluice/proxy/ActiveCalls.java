package sluice.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sluice.tenancy.Revocations;

/** The calls that one event loop has under way upstream, so that they can be cut before their time. */
public final class ActiveCalls {

    /** One of them, for as long as a stage works on it. */
    interface Call {

        /** The key that asked for it. */
        String keyId();

        /** Its key is no longer taken. */
        public void revoked();

        /** The gateway ends. */
        public void cut();
    }

    private final Set<Call> calls = new HashSet<>();
    private final Revocations revocations;

    public ActiveCalls(Revocations revocations) {
        this.revocations = revocations;
    }

    /** Whether a key was revoked since its call was let in. */
    boolean isRevoked(String keyId) {
        return revocations.has(keyId);
    }

    void add(Call call) {
        calls.add(call);
    }

    void remove(Call call) {
        calls.remove(call);
    }

    /** Cuts what a revoked key has under way. */
    public void revoked(String keyId) {
        List.copyOf(calls).stream().filter(call -> call.keyId().equals(keyId)).forEach(Call::revoked);
    }

    /** Cuts all of them, since the gateway must end. */
    public void cut() {
        List.copyOf(calls).forEach(Call::cut);
    }
}
