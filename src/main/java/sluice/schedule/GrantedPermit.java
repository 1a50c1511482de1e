package sluice.schedule;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import sluice.time.Time;

/** A permit granted by the scheduler; it has taken what its call needs from an account. */
final class GrantedPermit implements Permit {
    /**
     * How long a permit may be sent or given back. A strict account has about a second of slack in each minute, shared
     * by the time from grant to wire and the call's way to the upstream.
     */
    static final long GOOD_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private enum State {
        HELD, SENT, OVER
    }

    private final Capacity account;
    private final Share share;
    private volatile Need need;
    private final double cost;
    private final Scheduler scheduler;
    private final Time time;
    private final long grantedAt;
    private final AtomicReference<State> state = new AtomicReference<>(State.HELD);

    GrantedPermit(Capacity account, Call call, double cost, Scheduler scheduler, Time time) {
        this.account = account;
        this.share = call.share();
        this.need = call.need();
        this.cost = cost;
        this.scheduler = scheduler;
        this.time = time;
        this.grantedAt = time.nanos();
    }

    @Override
    public Capacity account() {
        return account;
    }

    @Override
    public Need need() {
        return need;
    }

    @Override
    public boolean fresh() {
        return time.nanos() - grantedAt <= GOOD_FOR_NANOS;
    }

    @Override
    public void sent() {
        if (state.compareAndSet(State.HELD, State.SENT)) {
            account.sent(need);
        }
    }

    @Override
    public void giveBack() {
        if (state.compareAndSet(State.HELD, State.OVER)) {
            scheduler.takeBack(account, need, fresh());
            scheduler.correct(share, -cost);
        }
    }

    @Override
    public void forgive(long usedTokens) {
        if (state.compareAndSet(State.SENT, State.OVER)) {
            account.settle(need, usedTokens);
            scheduler.correct(share, -cost);
        }
    }

    @Override
    public void named(String model) {
        if (state.get() == State.SENT && !model.equals(need.model())) {
            account.named(need, model);
            need = new Need(need.tenant(), model, need.tier(), need.tokens());
        }
    }

    @Override
    public void settle(long usedTokens) {
        if (state.compareAndSet(State.SENT, State.OVER) && usedTokens != need.tokens()) {
            account.settle(need, usedTokens);
            scheduler.correct(share, account.cost(need.withTokens(usedTokens)) - cost);
        }
    }
}
