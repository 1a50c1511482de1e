package sluice.schedule;

/**
 * Predicts how long a call will wait, as if service were a fluid: the accounts refill at a steady rate, and until the
 * call's turn the other tenants are served what they have waiting and what will have arrived by then, but nothing
 * beyond the counter at which that turn comes.
 */
final class Forecast {
    private static final int ROUNDS = 12;

    private Forecast() {}

    /**
     * The wait of a call that joins now, in nanoseconds.
     *
     * @param refill    service refilled per nanosecond, over all accounts that may serve the call; above 0
     * @param firstFree until the next permit, in nanoseconds
     */
    static long nanos(FairQueue queue, Call call, double refill, long firstFree, long now) {
        Backlog own = queue.of(call.share());
        double ahead = call.returning() ? 0 : own.costAhead(call.lane());
        double turn = own.counter() + ahead / own.share().weight();
        double wait = 0;
        for (int round = 0; round < ROUNDS; round++) {
            double service = ahead;
            for (Backlog other : queue.backlogs()) {
                if (other != own) {
                    double room = Math.max(0, turn - Math.max(other.counter(), queue.floor())) * other.share().weight();
                    service += Math.min(room, other.cost() + other.arrivals(now) * wait);
                }
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
}
