package sluice.cluster;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.quota.AccountBucket;
import sluice.quota.AccountLimits;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.quota.QuotaBucket.Level;

/**
 * This replica's slice of one bucket of an account. It counts against the burst until it is reported as used, so it is
 * valid for only two seconds after the visit that granted it; then the store may count it as spent.
 */
final class AccountSlice implements AccountBucket {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The store keeps a bucket for longer than this after a visit; if it is gone sooner, the store has lost it. */
    private static final long KEPT_NANOS = TimeUnit.DAYS.toNanos(1);

    /**
     * What a visit reports about a slice.
     *
     * @param held     still held, not handed back
     * @param returned handed back
     * @param refund   reported as used earlier, but not used
     * @param debt     used without having been granted
     * @param spare    wanted on top of what waiting calls need
     */
    record Report(long held, long returned, long refund, long debt, long spare) {}

    private final SharedAccount account;
    private final String name;
    private final boolean own;
    private final long remembered;
    private final Demand demand = new Demand();
    private Limit limit;
    private AccountLimits of;
    private Rate rate;
    private long held;
    private long refund;
    private long debt;
    private double units;
    private long heardAt;
    private boolean heard;
    private String epochHeard = "";
    private @Nullable LocalBucket substitute;
    private boolean away;
    private long madeAt;
    private String epoch = "";

    AccountSlice(SharedAccount account, String name, Limit limit, AccountLimits of, long remembered) {
        this.account = account;
        this.name = name;
        this.limit = limit;
        this.of = of;
        this.own = name.equals(limit.kind().key());
        this.remembered = remembered;
        this.rate = rate(limit, of);
        this.heardAt = account.now();
        this.units = Math.max(0, absent() < 0 ? rate.capacity() : absent()) * rate.unit();
    }

    private Rate rate(Limit limit, AccountLimits of) {
        if (limit.kind() != Limit.Kind.RPM || !own) {
            return Rate.of(limit);
        }
        return of.strict()
                ? new Rate(of.burst(), limit.amount() - of.burst() + 1, AccountLimits.STRICT_PERIOD.toSeconds())
                : new Rate(of.burst(), limit.amount(), limit.kind().window().toSeconds());
    }

    String name() {
        return name;
    }

    Limit limit() {
        return limit;
    }

    /** Whether every call needs some of it. */
    boolean boundsEveryCall() {
        return own && limit.kind().unit() == Limit.Unit.REQUESTS;
    }

    Rate bucket() {
        return rate;
    }

    /**
     * The level to assume for a bucket the store does not have. For a daily limit, what was last known; otherwise 0 for
     * a strict rpm, since nobody knows what was sent before, and for a bucket the store should have; else below 0:
     * full, or what has refilled since the store lost all its data.
     */
    long absent() {
        if (limit.kind().daily()) {
            return heard ? level().remaining() : remembered;
        }
        boolean lost = known() && epochHeard.equals(account.epoch());
        return lost || (of.strict() && own && limit.kind() == Limit.Kind.RPM) ? 0 : -1;
    }

    /** Whether the store should still have it. */
    boolean known() {
        return heard && account.now() - heardAt < KEPT_NANOS;
    }

    @Override
    public long waitNanos(long amount) {
        synchronized (account) {
            LocalBucket local = local();
            if (local != null) {
                return account.closed() ? AGAIN_NANOS : local.waitNanos(Math.min(amount, local.capacity()));
            }
            if (held >= amount && account.fresh()) {
                return 0;
            }
            return account.lacks();
        }
    }

    @Override
    public void spend(long amount) {
        synchronized (account) {
            LocalBucket local = local();
            demand.count(amount, account.now());
            if (local != null) {
                local.settle(0, amount);
                debt += amount;
            } else {
                held -= amount;
                drain(amount);
                account.spent(held * 5 < slice(demand.pressing(account.now())) * 2);
            }
        }
    }

    /** Charges a substitute that is reused, so that it never admits more than its share. */
    private void drain(long amount) {
        if (substitute != null) {
            substitute.settle(0, Math.min(amount, substitute.level().remaining()));
        }
    }

    @Override
    public void giveBack(long amount, long heldByOthers) {
        synchronized (account) {
            LocalBucket local = local();
            if (local != null) {
                local.giveBack(amount, heldByOthers);
                debt = Math.max(0, debt - amount);
            } else {
                refund += amount;
                account.hasNews();
            }
        }
    }

    @Override
    public void settle(long taken, long used) {
        synchronized (account) {
            LocalBucket local = local();
            if (local != null) {
                local.settle(taken, used);
                debt = Math.max(0, debt + used - taken);
            } else {
                refund += Math.max(0, taken - used);
                debt += Math.max(0, used - taken);
                account.hasNews();
            }
        }
    }

    /** Keeps the level, up to the capacity: the store applies the capacity it is sent. */
    @Override
    public void change(String itsName, Limit changed, AccountLimits changedOf) {
        synchronized (account) {
            limit = changed;
            of = changedOf;
            rate = rate(changed, changedOf);
            held = Math.min(held, rate.capacity());
            if (substitute != null) {
                substitute = substitute();
            }
        }
    }

    @Override
    public boolean exceeds(long amount) {
        return amount > capacity();
    }

    @Override
    public long capacity() {
        synchronized (account) {
            return rate.capacity();
        }
    }

    @Override
    public Level level() {
        synchronized (account) {
            if (away && substitute != null) {
                return substitute.level();
            }
            long there = rate.tokens(rate.after(units, account.now() - heardAt));
            long remaining = Math.clamp(there + held, 0, rate.capacity());
            return new Level(rate.capacity(), remaining, rate.nanosOf((double) rate.capacity() - remaining));
        }
    }

    /** At this replica's share of the refill. */
    @Override
    public long intervalNanos() {
        synchronized (account) {
            return (long) (rate.nanosOf(1) / account.part());
        }
    }

    /** The substitute while the store is away, else null; the same one until the trouble is over. */
    private @Nullable LocalBucket local() {
        if (account.present()) {
            debt = away && !account.epoch().equals(epoch) ? 0 : debt;
            away = false;
            return null;
        }
        if (!away) {
            away = true;
            held = 0;
            epoch = account.epoch();
            if (substitute == null || madeAt < account.troubledAt()) {
                substitute = substitute();
                madeAt = account.now();
            }
        }
        return substitute;
    }

    /** This replica's share of the limit, initially empty. */
    private LocalBucket substitute() {
        return own
                ? LocalBucket.share(limit, of, account.parts(), account.time())
                : LocalBucket.share(limit, account.parts(), 0, account.time());
    }

    /** The wanted amount, capped at this replica's part of a tenth of the limit. */
    private long slice(long wanted) {
        return Math.min(Math.max(1, limit.amount() / (10L * account.replicas())), wanted);
    }

    /**
     * What to report while this many calls wait; hands back what is stale or too much, or everything if {@code back}.
     */
    Report report(int waiting, boolean back) {
        local();
        long ahead = back ? 0 : slice(demand.ahead(account.now(), waiting));
        long returned = back || !account.fresh() ? held : Math.max(0, held - demand.enough(account.now()));
        held -= returned;
        Report report = new Report(held, returned, refund, debt, Math.max(0, ahead - held));
        refund = 0;
        debt = 0;
        return report;
    }

    /** The visit failed: debts are reported again, returns and refunds are lost. */
    void unreported(Report report) {
        debt += report.debt();
    }

    void granted(long amount, double left) {
        held += amount;
        units = left;
        heardAt = account.now();
        heard = true;
        epochHeard = account.epoch();
    }

    boolean holds() {
        return held > 0;
    }

    boolean owes() {
        return refund > 0 || debt > 0;
    }
}
