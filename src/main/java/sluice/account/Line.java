package sluice.account;

import sluice.isolation.Holder;
import sluice.schedule.Scheduler;
import sluice.upstream.AccountClient;

/** One connection to an account, kept free for a call and given back once. */
public final class Line {
    private final AccountClient client;
    private final AccountCapacity account;
    private final Scheduler scheduler;
    private final Holder holder;
    private boolean closed;

    public Line(AccountClient client, AccountCapacity account, Scheduler scheduler, Holder holder) {
        this.client = client;
        this.account = account;
        this.scheduler = scheduler;
        this.holder = holder;
        account.lines(1);
    }

    public AccountClient client() {
        return client;
    }

    public AccountCapacity account() {
        return account;
    }

    /** The next call may have it. */
    public void close() {
        if (!closed) {
            closed = true;
            account.lines(-1);
            client.disconnect(holder);
            scheduler.wake();
        }
    }
}
