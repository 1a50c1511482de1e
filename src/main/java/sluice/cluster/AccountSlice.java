package sluice.cluster;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.quota.AccountBucket;
import sluice.quota.AccountLimits;
import sluice.quota.Limit;
import sluice.quota.LocalBucket;
import sluice.quota.QuotaBucket.Level;

/**
 * What this replica holds of one bucket of an account. Its slice counts against the burst until it is reported as used, so
 * it is good only for two seconds after the visit that brought it; then the store may take it for lost.
 */
final class AccountSlice implements AccountBucket {
    private static final long AGAIN_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** The store keeps it for longer than this after a visit; what is gone before then is lost. */
    private static final long KEPT_NANOS = TimeUnit.DAYS.toNanos(1);

    /**
     * What a visit says of it.
     *
     * @param held     and not returned
     * @param returned of what was held
     * @param refund   of what was reported as used, and was not
     * @param debt     used without having been granted
     * @param spare    wanted beyond what waits
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

    /** Whether no call passes without some of it. */
    boolean boundsEveryCall() {
        return own && limit.kind().unit() == Limit.Unit.REQUESTS;
    }

    Rate bucket() {
        return rate;
    }

    /**
     * The level of a bucket that the store does not know: none where nobody may know what was sent before, or if the store
     * should know it; else below 0, which is full, or what has come back since the store lost all its data.
     */
    long absent() {
        if (limit.kind().daily()) {
            return heard ? level().remaining() : remembered;
        }
        boolean lost = known() && epochHeard.equals(account.epoch());
        return lost || (of.strict() && own && limit.kind() == Limit.Kind.RPM) ? 0 : -1;
    }

    /** Whether the store should know it. */
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

    /** A substitute that is carried on never lets pass more than its part. */
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

    /** The level stays, as far as there is room: the store judges it by the capacity that it is told. */
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

    /** To calls that wait here, the part of the refill that this replica gets. */
    @Override
    public long intervalNanos() {
        synchronized (account) {
            return (long) (rate.nanosOf(1) / account.part());
        }
    }

    /** While the store is away, the bucket in its place: one and the same until the trouble is over. */
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

    /** This replica's part of the limit, empty at first. */
    private LocalBucket substitute() {
        return own
                ? LocalBucket.share(limit, of, account.parts(), account.time())
                : LocalBucket.share(limit, account.parts(), 0, account.time());
    }

    /** What the recent demand wants at hand; at most a tenth of the limit over all replicas. */
    private long slice(long wanted) {
        return Math.min(Math.max(1, limit.amount() / (10L * account.replicas())), wanted);
    }

    /** What is to be told while so many calls wait; of what is held, that goes back which is no longer good, or all. */
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

    /** The visit was in vain: what was used must still be told, what came back is lost. */
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
