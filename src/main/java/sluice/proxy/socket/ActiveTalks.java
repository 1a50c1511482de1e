package sluice.proxy.socket;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import sluice.tenancy.Revocations;

/** The WebSockets that one event loop is opening or relaying. What would end them also ends those added later. */
public final class ActiveTalks {

    /** How far the gateway's shutdown has got. */
    private enum Phase {
        SERVING, LEAVING, ENDED
    }

    private final Set<Conversation> talks = new HashSet<>();
    private final Revocations revocations;
    private Phase phase = Phase.SERVING;

    public ActiveTalks(Revocations revocations) {
        this.revocations = revocations;
    }

    void add(Conversation talk) {
        talks.add(talk);
        if (talk.credential().isRevoked(revocations)) {
            talk.endByRevocation();
        } else if (phase == Phase.ENDED) {
            talk.end();
        } else if (phase == Phase.LEAVING) {
            talk.leave();
        }
    }

    void remove(Conversation talk) {
        talks.remove(talk);
    }

    /** Ends each as soon as no answer is in progress in it. */
    public void leave() {
        phase = Phase.LEAVING;
        List.copyOf(talks).forEach(Conversation::leave);
    }

    /** Ends those that a revoked key or subject has opened. */
    public void revoked(String id) {
        List.copyOf(talks).stream().filter(talk -> talk.credential().has(id)).forEach(Conversation::endByRevocation);
    }

    /** Ends all at once, because the gateway must end. */
    public void end() {
        phase = Phase.ENDED;
        List.copyOf(talks).forEach(Conversation::end);
    }
}
