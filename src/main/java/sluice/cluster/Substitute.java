package sluice.cluster;

import java.util.concurrent.TimeUnit;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.quota.QuotaBucket.Level;
import sluice.quota.QuotaBucket.Probe;
import sluice.time.Time;

/**
 * What holds a limit of a tenant during one outage of the store, and remembers what it let pass, so that the store can be
 * told. Made anew for each outage.
 */
final class Substitute {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final StoreLoss policy;
    private final LocalBucket share;
    private long spent;

    /**
     * Begins empty; for a limit of a day with its part of what was left, since nobody can wait for its refill.
     *
     * @param parts into how many the limit falls
     * @param left  of the limit when the store was lost
     */
    Substitute(StoreLoss policy, Limit limit, int parts, long left, Time time) {
        this.policy = policy;
        this.share = LocalBucket.share(limit, parts, limit.kind().daily() ? Math.max(0, left) / parts : 0, time);
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

    Level level() {
        return share.level();
    }

    /** What it has let pass since it was last asked. */
    synchronized long spent() {
        long all = spent;
        spent = 0;
        return all;
    }
}
