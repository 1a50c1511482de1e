package sluice.schedule;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import sluice.time.Time;

/**
 * The right to send one attempt to one account. It is sent or given back, and once sent it is settled or, if the upstream
 * had no quota for it, forgiven; whatever comes second does nothing.
 */
public final class Permit {
    /**
     * How long a permit may be sent or given back. A minute of a strict account has about a second of its rate to spare,
     * which the grant's way to the wire and the call's way to the upstream share.
     */
    static final long GOOD_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private enum State {
        HELD, SENT, OVER
    }

    private final Capacity account;
    private final Share share;
    private final Need need;
    private final double cost;
    private final Scheduler scheduler;
    private final Time time;
    private final long grantedAt;
    private final AtomicReference<State> state = new AtomicReference<>(State.HELD);

    Permit(Capacity account, Call call, double cost, Scheduler scheduler, Time time) {
        this.account = account;
        this.share = call.share();
        this.need = call.need();
        this.cost = cost;
        this.scheduler = scheduler;
        this.time = time;
        this.grantedAt = time.nanos();
    }

    /** The account that the attempt is to be sent to. */
    public Capacity account() {
        return account;
    }

    /** What was taken for the attempt. */
    public Need need() {
        return need;
    }

    /** Whether the attempt may still be sent: a permit is good for half a second. */
    public boolean fresh() {
        return time.nanos() - grantedAt <= GOOD_FOR_NANOS;
    }

    /** The attempt is on its way. */
    public void sent() {
        if (state.compareAndSet(State.HELD, State.SENT)) {
            account.sent(need);
        }
    }

    /** The attempt was not sent and will not be: its tenant is not charged, its account only if it comes back too late. */
    public void giveBack() {
        if (state.compareAndSet(State.HELD, State.OVER)) {
            scheduler.takeBack(account, need, fresh());
            scheduler.correct(share, -cost);
        }
    }

    /** The upstream had no quota for the attempt: that is the account's loss and not the tenant's. */
    public void forgive() {
        if (state.compareAndSet(State.SENT, State.OVER)) {
            scheduler.correct(share, -cost);
        }
    }

    /** The attempt is answered, and used so many tokens. */
    public void settle(long usedTokens) {
        if (state.compareAndSet(State.SENT, State.OVER) && usedTokens != need.tokens()) {
            account.settle(need, usedTokens);
            scheduler.correct(share, account.cost(new Need(need.model(), usedTokens)) - cost);
        }
    }
}
