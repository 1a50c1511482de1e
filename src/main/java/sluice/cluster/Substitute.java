package sluice.cluster;

import java.util.concurrent.TimeUnit;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.quota.QuotaBucket.Level;
import sluice.quota.QuotaBucket.Probe;
import sluice.time.Time;

/**
 * What holds a limit of a tenant while the store does not, and remembers what it let pass, so that the store can be told.
 * One for all of a trouble, in which the store may come and go: what it has gathered stays, and what the store grants
 * meanwhile is taken from it, so that it never lets pass more than its part.
 */
final class Substitute {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StoreLoss policy;
    private final Time time;
    private LocalBucket share;
    private long spent;

    /**
     * Was empty when the store answered last; that of a day had its part of what was left, since nobody can wait for its
     * refill.
     *
     * @param parts      into how many the limit falls
     * @param left       of the limit when the store was lost
     * @param silentNanos since the store answered last
     */
    Substitute(StoreLoss policy, Limit limit, int parts, long left, long silentNanos, Time time) {
        this.policy = policy;
        this.time = time;
        double back = (double) silentNanos / limit.kind().window().toNanos() * limit.amount();
        long initial = limit.kind().daily() ? Math.max(0, left) : (long) Math.min(back, (double) limit.amount());
        this.share = LocalBucket.share(limit, parts, initial / parts, time);
    }

    /** From now on another limit holds. */
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

    /** What is larger than the whole share passes when the share is full, and leaves a debt. */
    private Probe whole(long amount) {
        Level level = share.level();
        if (level.remaining() < level.limit()) {
            return new Probe(false, Math.max(1, level.resetNanos()));
        }
        share.settle(0, amount);
        return Probe.TAKEN;
    }

    /** Takes the excess of a call over what it had reserved. */
    synchronized void force(long amount) {
        share.settle(0, amount);
        spent += amount;
    }

    /** The store has granted so much. */
    synchronized void served(long amount) {
        share.settle(0, Math.min(amount, share.level().remaining()));
    }

    /** So much of what was taken was not used. */
    synchronized void returned(long amount) {
        share.giveBack(amount);
    }

    synchronized Level level() {
        return share.level();
    }

    /** Whether it has let pass what the store was not told. */
    synchronized boolean owes() {
        return spent > 0;
    }

    /** What it has let pass since it was last asked. */
    synchronized long spent() {
        long all = spent;
        spent = 0;
        return all;
    }
}
