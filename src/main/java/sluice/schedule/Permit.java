package sluice.schedule;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import sluice.time.Time;

/** The right to send one attempt to one account. Either sent or given back; only the first of the two counts. */
public final class Permit {
    /**
     * How long a permit may be sent or given back. A minute of a strict account has about a second of its rate to spare,
     * which the grant's way to the wire and the call's way to the upstream share.
     */
    static final long GOOD_FOR_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Capacity account;
    private final Scheduler scheduler;
    private final Time time;
    private final long grantedAt;
    private final AtomicBoolean spent = new AtomicBoolean();

    /** Of a permit that came back unsent, {@code grantedAt} is when it was granted first. */
    Permit(Capacity account, Scheduler scheduler, Time time, long grantedAt) {
        this.account = account;
        this.scheduler = scheduler;
        this.time = time;
        this.grantedAt = grantedAt;
    }

    /** The account that the attempt is to be sent to. */
    public Capacity account() {
        return account;
    }

    /** Whether the attempt may still be sent: a permit is good for half a second. */
    public boolean fresh() {
        return time.nanos() - grantedAt <= GOOD_FOR_NANOS;
    }

    /** The attempt is on its way. */
    public void sent() {
        spent.set(true);
    }

    /** The attempt was not sent and will not be. */
    public void giveBack() {
        if (spent.compareAndSet(false, true) && fresh()) {
            scheduler.returned(account, grantedAt);
        }
    }
}
