package sluice.schedule;

import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Room;
import sluice.isolation.Shared;

/**
 * The waiting calls, each in its own place: served in the order of a {@link FairQueue}, ended in the order of their
 * deadlines. Not thread-safe; the scheduler guards it.
 */
final class WaitingRoom {
    private final FairQueue queue;
    private final Bulkhead places;
    private final TreeSet<Waiting> byDeadline = new TreeSet<>(
            Comparator.comparingLong((Waiting entry) -> entry.call().deadlineNanos())
                    .thenComparingLong(Waiting::order));

    /** @param most calls that wait at once; a tenant may have at most as many of them as are still free */
    WaitingRoom(FairQueue queue, int most) {
        this.queue = queue;
        this.places = Bulkhead.of("waiting-calls", most);
    }

    /** Changes how many may wait; those already waiting stay. */
    void change(int most) {
        places.change(most);
    }

    /** How full it is, and how many tenants are in it. */
    Shared shared() {
        return places.shared();
    }

    /** Takes a place for a call; one that returns after a grant always gets one. */
    Room reserve(Call call) {
        if (call.returning()) {
            insist(call);
            return Room.GIVEN;
        }
        return places.take(holder(call), 1);
    }

    /** Takes a place even if there is none, for a call that is granted or leaves at once. */
    void insist(Call call) {
        places.insist(holder(call), 1);
    }

    /** Gives back the place of a call that does not wait after all. */
    void release(Call call) {
        places.giveBack(holder(call), 1);
    }

    /** A call waits, in the place that was taken for it. */
    void join(Waiting entry) {
        queue.join(entry);
        byDeadline.add(entry);
    }

    /** Removes a call and gives back its place; returns whether it waited. */
    boolean leave(Waiting entry) {
        if (!queue.leave(entry)) {
            return false;
        }
        byDeadline.remove(entry);
        release(entry.call());
        return true;
    }

    /** All calls that wait, the earliest deadline first. */
    List<Waiting> all() {
        return List.copyOf(byDeadline);
    }

    /** The call with the earliest deadline; null if none waits. */
    @Nullable
    Waiting first() {
        return byDeadline.isEmpty() ? null : byDeadline.first();
    }

    private static Holder holder(Call call) {
        return new Holder.Tenant(call.share().tenant());
    }
}
