package sluice.account;

import sluice.isolation.Holder;
import sluice.schedule.Scheduler;
import sluice.upstream.AccountClient;

/** One connection to an account, reserved for a call and given back once. */
public final class Lease {
    private final AccountClient client;
    private final LiveAccount account;
    private final Scheduler scheduler;
    private final Holder holder;
    private boolean closed;

    public Lease(AccountClient client, LiveAccount account, Scheduler scheduler, Holder holder) {
        this.client = client;
        this.account = account;
        this.scheduler = scheduler;
        this.holder = holder;
        account.lines(1);
    }

    public AccountClient client() {
        return client;
    }

    public LiveAccount account() {
        return account;
    }

    /** Frees it for the next call. */
    public void close() {
        if (!closed) {
            closed = true;
            account.lines(-1);
            client.disconnect(holder);
            scheduler.wake();
        }
    }
}
