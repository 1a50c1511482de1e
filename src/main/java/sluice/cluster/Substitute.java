package sluice.cluster;

import java.util.concurrent.TimeUnit;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.quota.QuotaBucket.Level;
import sluice.quota.QuotaBucket.Probe;
import sluice.time.Time;

/**
 * Enforces a tenant's limit while the store is away, and counts what it admits so that it can be reported. One lasts
 * for a whole trouble, in which the store may come and go: it keeps what it has accumulated, less what the store grants
 * meanwhile, so that it never admits more than its share.
 */
final class Substitute {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StoreLoss policy;
    private final Time time;
    private LocalBucket share;
    private long spent;

    /**
     * Starts as if it had been empty when the store last answered; for a day limit, with its share of what was left,
     * since nobody can wait for a day's refill.
     *
     * @param parts       that the limit is divided into
     * @param left        of the limit when the store was lost
     * @param silentNanos since the store last answered
     */
    Substitute(StoreLoss policy, Limit limit, int parts, long left, long silentNanos, Time time) {
        this.policy = policy;
        this.time = time;
        double back = (double) silentNanos / limit.kind().window().toNanos() * limit.amount();
        long initial = limit.kind().daily() ? Math.max(0, left) : (long) Math.min(back, (double) limit.amount());
        this.share = LocalBucket.share(limit, parts, initial / parts, time);
    }

    /** Switches to another limit. */
    synchronized void change(Limit limit, int parts) {
        share = LocalBucket.share(limit, parts, share.level().remaining(), time);
    }

    synchronized Probe take(long amount) {
        Probe probe = switch (policy) {
            case SHARE -> share.exceeds(amount) ? whole(amount) : share.takeNow(amount);
            case OPEN -> Probe.TAKEN;
            case CLOSED -> new Probe(false, AGAIN_NANOS);
        };
        spent += probe.taken() ? amount : 0;
        return probe;
    }

    /** An amount larger than the whole share passes when the share is full, and leaves a debt. */
    private Probe whole(long amount) {
        Level level = share.level();
        if (level.remaining() < level.limit()) {
            return new Probe(false, Math.max(1, level.resetNanos()));
        }
        share.settle(0, amount);
        return Probe.TAKEN;
    }

    /** Takes what a call used beyond its reservation. */
    synchronized void force(long amount) {
        share.settle(0, amount);
        spent += amount;
    }

    /** The store has granted this much. */
    synchronized void served(long amount) {
        share.settle(0, Math.min(amount, share.level().remaining()));
    }

    /** This much of what was taken was not used. */
    synchronized void returned(long amount) {
        share.giveBack(amount);
    }

    synchronized Level level() {
        return share.level();
    }

    /** Whether it has admitted anything that the store does not know of. */
    synchronized boolean owes() {
        return spent > 0;
    }

    /** What it has admitted since the last time this was called. */
    synchronized long spent() {
        long all = spent;
        spent = 0;
        return all;
    }
}
