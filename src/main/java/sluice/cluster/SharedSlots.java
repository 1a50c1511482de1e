package sluice.cluster;

import io.vertx.core.Future;
import java.util.List;
import java.util.concurrent.TimeUnit;
import sluice.quota.Slots;

/**
 * A tenant's calls in flight across all replicas. The store keeps each replica's count as a lease of four seconds,
 * renewed every second: a dead replica's places are free again within five.
 */
final class SharedSlots implements Slots, Swept {
    private static final String KEPT_MILLIS = "4000";
    private static final long RENEW_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final SharedBucket.Environment environment;
    private final List<String> key;
    private final Sweep sweep;
    private int limit;
    private int using;
    private int held;
    private long toldAt;

    SharedSlots(SharedBucket.Environment environment, String tenant, int limit, Sweep sweep) {
        this.environment = environment;
        this.limit = limit;
        this.key = List.of(environment.replica().keys().limit(tenant, "concurrent"));
        this.sweep = sweep;
    }

    @Override
    public Future<Boolean> take() {
        Future<Reply> asked;
        int wanted;
        synchronized (this) {
            wanted = ++using;
            if (wanted <= held) {
                return Future.succeededFuture(true);
            }
            if (!environment.store().reachable()) {
                return Future.succeededFuture(local());
            }
            asked = tell(wanted);
        }
        CallerPromise<Boolean> home = new CallerPromise<>();
        asked.onComplete(answer -> home.answer(granted(wanted, answer)), lost -> home.answer(local()));
        return home.future();
    }

    @Override
    public synchronized void giveBack() {
        using--;
        sweep.soon(this);
        if (environment.store().reachable()) {
            held = Math.min(held, using);
            tell(using);
        }
    }

    @Override
    public synchronized void change(int limit) {
        this.limit = limit;
    }

    /** Renews the lease. */
    @Override
    public synchronized boolean sweep(long now) {
        if (!environment.store().reachable()) {
            held = 0;
        } else if (using != held || now - toldAt >= RENEW_NANOS) {
            tell(using).onSuccess(this::renewed);
        }
        return using > 0 || held > 0;
    }

    @Override
    public synchronized Future<?> leave() {
        return environment.store().reachable() ? tell(0) : Future.succeededFuture();
    }

    @Override
    public double held() {
        return 0;
    }

    private Future<Reply> tell(int wanted) {
        toldAt = environment.time().nanos();
        return environment.store().run(Script.SLOTS, key,
                List.of(environment.replica().id(), Integer.toString(wanted), Integer.toString(limit), KEPT_MILLIS));
    }

    private synchronized void renewed(Reply answer) {
        held = (int) Math.min(using, answer.number(0));
    }

    private synchronized boolean granted(int wanted, Reply answer) {
        int granted = (int) answer.number(0);
        boolean mine = granted >= wanted;
        using -= mine ? 0 : 1;
        held = Math.min(using, Math.max(held, granted));
        sweep.soon(this);
        return mine;
    }

    /** Decides while the store is away: by this replica's share, at least one, unless configured otherwise. */
    private synchronized boolean local() {
        boolean room = switch (environment.onLoss()) {
            case SHARE -> using <= Math.max(1, limit / environment.replica().parts());
            case OPEN -> true;
            case CLOSED -> false;
        };
        using -= room ? 0 : 1;
        sweep.soon(this);
        return room;
    }
}
