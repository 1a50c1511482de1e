package sluice.cluster;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.quota.Slots;
import sluice.quota.Treasury;
import sluice.time.Time;

/**
 * This gateway's part in a cluster: creates what is shared and keeps it going. The store's connection and the periodic
 * timers live on one event loop, so that work due at the same moment wakes one thread once.
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
    private final Inquiries inquiries;
    private @Nullable Long beat;

    /** Does not connect yet. */
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
        this.inquiries = new Inquiries(store, replica, this::later, time);
    }

    /** Its store, if it is at these addresses. */
    Optional<RedisStore> storeAt(List<URI> addresses) {
        return settings.addresses().equals(addresses) ? Optional.of(store) : Optional.empty();
    }

    /** Joins the cluster; completes once it has joined or has found the store unreachable. */
    public Future<Void> start() {
        return store.start(() -> replica.beat(store::greet)).onComplete(tried -> {
            sweep.start(vertx);
            beat = vertx.setPeriodic(Replica.BEAT.toMillis(), rung -> replica.beat(store::run));
        });
    }

    /**
     * Leaves the cluster: its slices go back, and the others no longer count it. Call it when no more calls can arrive.
     */
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
     * @param remembered what an earlier process left of it, below 0 if unknown
     */
    public QuotaBucket limit(String tenant, String name, Limit limit, long remembered) {
        SharedBucket shared = new SharedBucket(environment, limit, replica.keys().limit(tenant, name), remembered);
        return settings.exact(tenant, limit.kind())
                ? new ExactBucket(shared, sweep)
                : new LeasedBucket(shared, replica, sweep, time);
    }

    /** An account shared by all replicas; calls wait for it in a pool's queue. */
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

    /** A tenant's calls in flight. */
    public Slots slots(String tenant, int limit) {
        return new SharedSlots(environment, tenant, limit, sweep);
    }

    /** What a tenant spends in all replicas, given this one's parts. */
    public Treasury treasury(String tenant, String tag, Supplier<List<Treasury.Part>> parts) {
        return new SharedSpending(environment, tenant, tag, parts, sweep);
    }

    /** The notices all replicas must know. */
    public Notices notices() {
        return notices;
    }

    /** What replicas ask one another. */
    public Inquiries inquiries() {
        return inquiries;
    }

    /** The worst that happens to any call while the store cannot be reached, in a word. */
    public String onLoss() {
        return settings.worstLoss().name().toLowerCase(Locale.ROOT);
    }

    /** Whether the store is reachable. */
    public boolean reachable() {
        return store.reachable();
    }

    /** The name by which the others know this replica. */
    public String name() {
        return replica.id();
    }

    /** Live replicas, as far as known. */
    public int replicas() {
        return replica.replicas();
    }

    /** The largest fraction of a tenant's limit currently held in a slice. */
    public double held() {
        return sweep.held();
    }
}
