package sluice.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.quota.Slots;
import sluice.time.Time;

/**
 * This gateway's part in a cluster: makes what is shared, and keeps it going. The connection to the store and all timers
 * live on one event loop, so that what is due at the same moment wakes one thread once.
 */
public final class Cluster {
    private final RedisSettings settings;
    private final Vertx vertx;
    private final Context loop;
    private final RedisStore store;
    private final Replica replica;
    private final Sweep sweep;
    private final Time time;
    private final SharedBucket.Environment environment;
    private final Notices notices;
    private @Nullable Long beat;

    /** Reaches for nothing yet. */
    public Cluster(Vertx vertx, RedisSettings settings, StoreObserver observer, Time time) {
        this.settings = settings;
        this.vertx = vertx;
        this.loop = vertx.getOrCreateContext();
        this.store = new RedisStore(vertx, loop, settings, observer, time);
        this.replica = new Replica(settings);
        this.sweep = new Sweep(time);
        this.time = time;
        this.environment = new SharedBucket.Environment(store, replica, settings.onLoss(), time);
        this.notices = new Notices(store, replica, time);
    }

    /** Joins, or finds that the store is away; complete when it is known which. */
    public Future<Void> start() {
        return store.start(() -> replica.beat(store::greet)).onComplete(tried -> {
            sweep.start(vertx);
            beat = vertx.setPeriodic(Replica.BEAT.toMillis(), rung -> replica.beat(store::run));
        });
    }

    /** Leaves: what it holds in slices goes back, and the others no longer count it. To be called when no call can come. */
    public Future<Void> close() {
        if (beat != null) {
            vertx.cancelTimer(beat);
        }
        sweep.stop(vertx);
        return sweep.leave().transform(told -> replica.leave(store::run)).transform(left -> store.close());
    }

    /**
     * The bucket of a tenant's limit.
     *
     * @param remembered what is left of it from an earlier process, below 0 if nothing is known
     */
    public QuotaBucket limit(String tenant, String name, Limit limit, long remembered) {
        SharedBucket shared = new SharedBucket(environment, limit, replica.keys().limit(tenant, name), remembered);
        return settings.exact(tenant, limit.kind())
                ? new ExactBucket(shared, sweep)
                : new LeasedBucket(shared, replica, sweep, time);
    }

    /** An account that all replicas serve together; calls wait for it in the queue of a pool. */
    public SharedAccount account(String pool, String account) {
        SharedBucket.Environment own = new SharedBucket.Environment(store, replica, settings.onLoss(account), time);
        return new SharedAccount(own, pool, account, sweep, this::later);
    }

    private void later(long nanos, Runnable task) {
        long millis = Math.ceilDiv(nanos, TimeUnit.MILLISECONDS.toNanos(1));
        if (millis == 0) {
            loop.runOnContext(now -> task.run());
        } else {
            vertx.setTimer(millis, rung -> task.run());
        }
    }

    /** The calls in flight of a tenant. */
    public Slots slots(String tenant, int limit) {
        return new SharedSlots(environment, tenant, limit, sweep);
    }

    /** What all replicas must know. */
    public Notices notices() {
        return notices;
    }

    /** Whether the store is reached. */
    public boolean reachable() {
        return store.reachable();
    }

    /** Replicas that live, as far as is known. */
    public int replicas() {
        return replica.replicas();
    }

    /** The largest part of a tenant's limit that is held in a slice now. */
    public double held() {
        return sweep.held();
    }
}
