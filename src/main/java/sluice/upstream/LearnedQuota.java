package sluice.upstream;

import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What remains of one limit according to the upstream, projected to the present: the last report, less what was sent
 * after the call that brought it, plus what has refilled since, less what others on the same account have taken
 * meanwhile. The last is learned from how far reports fall short of what was expected.
 *
 * <p>A report from a call that was sent before the last reporting one is old news and ignored. A report lapses after a
 * minute; then only the gateway's own bucket counts.
 */
public final class LearnedQuota {

    /**
     * One report.
     *
     * @param limit      of the window
     * @param remaining  of the limit
     * @param resetNanos until the limit is whole again
     */
    public record Report(long limit, long remaining, long resetNanos) {}

    /**
     * What is known at one moment.
     *
     * @param limit   of the window
     * @param left    of the limit, below 0 if more was sent than there was
     * @param perNano refill per nanosecond
     */
    public record Standing(long limit, double left, double perNano) {

        /** Whether it refills over a day rather than a minute. */
        public boolean daily() {
            return limit > perNano * 60 * MINUTE;
        }
    }

    private static final double MINUTE = TimeUnit.MINUTES.toNanos(1);
    private static final double DAY = TimeUnit.DAYS.toNanos(1);
    private static final long LAPSES_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** Over which the others' usage is averaged. */
    private static final double MEMORY_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** How long a call travels before the upstream counts it; others may arrive first. */
    private static final double ON_THE_WAY_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private long taken;
    private boolean known;
    private long limit;
    private double remaining;
    private double refill;
    private long reportedAt;
    private long reporter;
    private double others;
    private boolean news;
    private long taking;
    private long tookBefore;

    /** An amount was granted, or given back if negative. */
    public synchronized void take(long amount) {
        taken += amount;
    }

    /** How much has been granted when a call is sent; to be passed with its report. */
    public synchronized long mark() {
        return taken;
    }

    /** A call was answered with a report; {@code mark} is from when it was sent. */
    public synchronized void report(Report report, long mark, long now) {
        if (report.limit() <= 0 || report.remaining() < 0 || (known && mark < reporter)) {
            return;
        }
        learn(new Standing(report.limit(), report.remaining(), report.limit() / window(report)), mark, now);
        news = true;
    }

    /** What is known now, if a call from here has brought a report since this was last called. */
    public synchronized Optional<Standing> news(long now) {
        tookBefore = taking;
        taking = taken;
        Optional<Standing> known = news ? Optional.of(new Standing(limit, left(now), refill)) : Optional.empty();
        news = false;
        return known;
    }

    /**
     * What another gateway knew at a moment of this process's clock; used only if newer than the last report here. What
     * was granted here since the last but one call of {@link #news} may not be counted in it.
     */
    public synchronized void hear(Standing standing, long at) {
        if (standing.limit() > 0 && (!known || (at > reportedAt && tookBefore >= reporter))) {
            learn(standing, tookBefore, at);
        }
    }

    private void learn(Standing standing, long mark, long at) {
        refill = standing.perNano();
        if (known && at - reportedAt < LAPSES_NANOS) {
            learnOthers(standing, mark, at);
        } else {
            others = 0;
        }
        known = true;
        limit = standing.limit();
        remaining = standing.left();
        reportedAt = at;
        reporter = mark;
    }

    /** Nanoseconds until an amount may be sent; 0 if now, or if nothing is known. */
    public synchronized long waitNanos(long amount, long now) {
        if (!known || now - reportedAt > LAPSES_NANOS) {
            return 0;
        }
        double missing = Math.min(amount, limit) + margin() - left(now);
        if (missing <= 0) {
            return 0;
        }
        return (long) Math.min((double) LAPSES_NANOS, Math.ceil(missing / Math.max(refill - others(), refill / 100)));
    }

    /** What is known now; empty if nothing is, or if the last report has lapsed. */
    public synchronized Optional<Standing> standing(long now) {
        return known && now - reportedAt <= LAPSES_NANOS
                ? Optional.of(new Standing(limit, left(now), refill))
                : Optional.empty();
    }

    /** The share of what refills that others on the same account take, by recent reports; 0 if nobody does. */
    public synchronized double takenByOthers() {
        return known ? others() / refill : 0;
    }

    /** The remaining share of the limit, 0 to 1; 1 if nothing is known. */
    public synchronized double headroom(long now) {
        return known && now - reportedAt <= LAPSES_NANOS ? Math.clamp(left(now) / limit, 0, 1) : 1;
    }

    private double left(long now) {
        return Math.min((double) limit, remaining + (refill - others()) * (now - reportedAt)) - (taken - reporter);
    }

    /** A reserve while others use the account: one more than they may take while a call is in transit. */
    private double margin() {
        return others() * 60e9 > 1 ? 1 + others() * ON_THE_WAY_NANOS : 0;
    }

    private double others() {
        return Math.max(0, others);
    }

    private void learnOthers(Standing standing, long mark, long now) {
        double since = Math.max(1, now - reportedAt);
        double expected = Math.min((double) standing.limit(), remaining + refill * since) - (mark - reporter);
        double weight = 1 - Math.exp(-since / MEMORY_NANOS);
        others += weight * ((expected - standing.left()) / since - others);
    }

    /** The time in which the limit refills completely: a minute, or a day if the report says so. */
    private static double window(Report report) {
        long used = report.limit() - report.remaining();
        double window = used <= 0 ? MINUTE : (double) report.resetNanos() * report.limit() / used;
        return window > 60 * MINUTE ? DAY : MINUTE;
    }
}
