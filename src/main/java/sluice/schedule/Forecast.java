package sluice.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Predicts how long a call will wait, as if service were a fluid: the accounts refill at a steady rate, and until the
 * call's turn the other tenants are served what they have waiting and what will have arrived by then, but nothing
 * beyond the counter at which that turn comes. Calls that no account of this one serves are not in its way.
 */
final class Forecast {
    private static final int ROUNDS = 12;

    /**
     * Another tenant.
     *
     * @param room     the service it gets before the turn comes, at most
     * @param waiting  the cost of its calls that wait
     * @param arrivals the cost of its calls that arrive per nanosecond
     */
    private record Other(double room, double waiting, double arrivals) {}

    private Forecast() {}

    /**
     * The wait of a call that joins now, in nanoseconds.
     *
     * @param refill    service refilled per nanosecond, over all accounts that may serve the call; above 0
     * @param firstFree until the next permit, in nanoseconds
     * @param rivals    the calls that an account may serve in place of this one
     */
    static long nanos(FairQueue queue, Call call, double refill, long firstFree, long now, Predicate<Call> rivals) {
        Backlog own = queue.of(call.share());
        double ahead = call.returning() ? 0 : own.costAhead(call.lane(), rivals);
        double turn = own.counter() + ahead / own.share().weight();
        List<Other> others = others(queue, own, turn, now, rivals);
        double wait = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double service = ahead;
            for (Other other : others) {
                service += Math.min(other.room(), other.waiting() + other.arrivals() * wait);
            }
            double next = firstFree + service / refill;
            if (Math.abs(next - wait) < 1e6) {
                wait = next;
                break;
            }
            wait = next;
        }
        return (long) wait;
    }

    /** The other tenants that are served before the turn comes. */
    private static List<Other> others(FairQueue queue, Backlog own, double turn, long now, Predicate<Call> rivals) {
        List<Other> others = new ArrayList<>();
        for (Backlog other : queue.backlogs()) {
            double room = Math.max(0, turn - Math.max(other.counter(), queue.floor())) * other.share().weight();
            if (other != own && room > 0) {
                others.add(new Other(room, other.cost(rivals), other.arrivals(now)));
            }
        }
        return others;
    }
}
