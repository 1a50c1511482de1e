package sluice.proxy;

import sluice.schedule.Scheduler;
import sluice.upstream.AccountClient;

/** One connection to an account, kept free for a call and given back once. */
final class Line {
    private final AccountClient client;
    private final Scheduler scheduler;
    private boolean closed;

    Line(AccountClient client, Scheduler scheduler) {
        this.client = client;
        this.scheduler = scheduler;
    }

    AccountClient client() {
        return client;
    }

    /** The next call may have it. */
    void close() {
        if (!closed) {
            closed = true;
            client.disconnect();
            scheduler.wake();
        }
    }
}
