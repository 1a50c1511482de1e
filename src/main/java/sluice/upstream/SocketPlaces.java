package sluice.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.util.ArrayDeque;
import java.util.Deque;

/** How many WebSockets one event loop may have open upstream, and who waits for one of them to end. */
final class SocketPlaces {
    private final int most;
    private final Deque<Promise<Void>> waiting = new ArrayDeque<>();
    private int taken;

    SocketPlaces(int most) {
        this.most = most;
    }

    /** Whether one that is asked for now must wait. */
    boolean full() {
        return taken >= most;
    }

    /**
     * Takes a place as soon as there is one, to be given back.
     *
     * @param abandoned completes when it is no longer wanted
     */
    Future<Void> take(Future<Void> abandoned) {
        if (!full()) {
            taken++;
            return Future.succeededFuture();
        }
        Promise<Void> place = Promise.promise();
        waiting.add(place);
        abandoned.onSuccess(gone -> {
            if (waiting.remove(place)) {
                place.fail("abandoned");
            }
        });
        return place.future();
    }

    /** Gives a place back; whoever waits longest has it then. */
    void giveBack() {
        Promise<Void> next = waiting.poll();
        if (next == null) {
            taken--;
        } else {
            next.complete();
        }
    }
}
