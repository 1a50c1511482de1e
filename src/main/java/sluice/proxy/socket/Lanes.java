package sluice.proxy.socket;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Part;
import sluice.isolation.Room;
import sluice.openai.SocketMessage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;

/**
 * The messages of one caller that wait to be forwarded: those of one lane in order, those of different lanes side by side, so
 * that a lane waiting for a limit does not hold up the others.
 */
final class Lanes {
    /** The most messages of one lane that wait for the one before them. */
    private static final int LONGEST = 64;

    /** What happens to a message. */
    interface Doorkeeper {

        /** Lets a message through once it may pass, or fails with a {@link Refusal}. */
        Future<Void> admit(SocketMessage message, long length);

        /** It may pass. */
        void pass(Text text);

        /** It may not. */
        void refuse(Reason reason, String lane);
    }

    private record Waiting(Text text, SocketMessage message) {}

    private final Part held;
    private final Doorkeeper doorkeeper;
    private final Map<String, Deque<Waiting>> lanes = new HashMap<>();
    private final int most;
    private int waiting;
    private @Nullable Promise<Void> room;
    private boolean closed;

    /**
     * Holds nothing yet.
     *
     * @param held the memory of messages that wait
     * @param most how many may wait
     */
    Lanes(Part held, int most, Doorkeeper doorkeeper) {
        this.held = held;
        this.most = most;
        this.doorkeeper = doorkeeper;
    }

    /** Takes a message that runs a model. Completes, and never fails, when there is room for the next one. */
    Future<Void> add(Text text, SocketMessage message) {
        queue(text, message);
        if (waiting < most) {
            return Future.succeededFuture();
        }
        Promise<Void> next = Promise.promise();
        room = next;
        return next.future();
    }

    private void queue(Text text, SocketMessage message) {
        String lane = message.lane();
        Deque<Waiting> before = lanes.get(lane);
        if (before != null && before.size() >= LONGEST) {
            doorkeeper.refuse(new Reason.TooManyInFlight(LONGEST), lane);
            return;
        }
        Room given = held.take(text.bytes());
        if (!given.given()) {
            doorkeeper.refuse(new Reason.Overloaded(Reason.Overloaded.BODIES, given), lane);
            return;
        }
        waiting++;
        Waiting added = new Waiting(text, message);
        if (before != null) {
            before.add(added);
            return;
        }
        lanes.put(lane, new ArrayDeque<>());
        decide(lane, added);
    }

    private void decide(String lane, Waiting next) {
        doorkeeper.admit(next.message(), next.text().characters().length()).onComplete(verdict -> {
            if (verdict.succeeded()) {
                doorkeeper.pass(next.text());
            } else {
                doorkeeper.refuse(Refusal.reasonOf(verdict.cause()), lane);
            }
            over(next);
            Waiting after = poll(lane);
            if (after != null) {
                decide(lane, after);
            }
        });
    }

    private void over(Waiting decided) {
        waiting--;
        if (!closed) {
            held.giveBack(decided.text().bytes());
        }
        Promise<Void> wanted = room;
        if (wanted != null) {
            room = null;
            wanted.complete();
        }
    }

    private @Nullable Waiting poll(String lane) {
        Deque<Waiting> rest = lanes.get(lane);
        Waiting next = rest == null || closed ? null : rest.poll();
        if (next == null) {
            lanes.remove(lane);
        }
        return next;
    }

    /** Drops all that wait. */
    void close() {
        closed = true;
        lanes.clear();
        held.close();
    }
}
