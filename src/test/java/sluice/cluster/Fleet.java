package sluice.cluster;

import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.quota.Limit;
import sluice.quota.QuotaBucket;
import sluice.quota.QuotaBucket.Probe;
import sluice.testing.ManualTime;

/** Several replicas in one test, each with its own way to the same store, on one clock that the test moves. */
public final class Fleet implements AutoCloseable {
    private static final long BEAT_NANOS = Replica.BEAT.toNanos();

    /** One replica: what it would be in a process of its own. */
    public record Member(VirtualStore store, Replica replica, Sweep sweep, SharedBucket.Environment environment) {}

    private final ManualTime time = new ManualTime();
    private final List<Member> members = new ArrayList<>();
    private final int port;
    private final StoreLoss onLoss;
    private final int most;
    private final Set<Integer> stopped = new HashSet<>();
    private long beatenAt = Long.MIN_VALUE;
    private long beats;

    public Fleet(int port, int size, StoreLoss onLoss) {
        this.port = port;
        this.onLoss = onLoss;
        this.most = size;
        for (int i = 0; i < size; i++) {
            members.add(member());
        }
        members.getFirst().store().forget();
        beat();
        beat();
    }

    private Member member() {
        VirtualStore store = new VirtualStore(port, time);
        Replica replica = new Replica(settings(onLoss, most));
        return new Member(store, replica, new Sweep(time.time()),
                new SharedBucket.Environment(store, replica, onLoss, time.time()));
    }

    /** Another process in the place of one that has died. */
    void renew(int index) {
        members.get(index).store().close();
        members.set(index, member());
        members.get(index).replica().beat(members.get(index).store()::run);
    }

    static RedisSettings settings(StoreLoss onLoss, int maxReplicas) {
        return new RedisSettings(List.of(URI.create("redis://127.0.0.1")), new RedisSettings.Mode.Single(),
                Optional.empty(), Optional.empty(), "test", Duration.ofMillis(50), maxReplicas, onLoss, Set.of(),
                Set.of());
    }

    public ManualTime time() {
        return time;
    }

    public Member member(int index) {
        return members.get(index);
    }

    public int size() {
        return members.size();
    }

    /** The limit as each replica holds it. */
    public List<QuotaBucket> buckets(Limit limit, boolean exact) {
        return members.stream().map(member -> bucket(member, limit, exact)).toList();
    }

    /** The limit as one replica holds it. */
    QuotaBucket bucket(Member member, Limit limit, boolean exact) {
        SharedBucket shared = new SharedBucket(member.environment(), limit,
                member.replica().keys().limit("bot", limit.kind().key()), -1);
        return exact
                ? new ExactBucket(shared, member.sweep())
                : new LeasedBucket(shared, member.replica(), member.sweep(), time.time());
    }

    /** Time passes, and each replica does what it does by the clock. */
    public void advance(long nanos) {
        time.advanceNanos(nanos);
        if (time.nanos() - beatenAt >= BEAT_NANOS) {
            beat();
        }
    }

    /** A process that is stopped does nothing by the clock; whether it may be called is up to the test. */
    void stopped(int index, boolean isStopped) {
        if (isStopped) {
            stopped.add(index);
        } else {
            stopped.remove(index);
        }
    }

    private void beat() {
        beatenAt = time.nanos();
        for (int i = 0; i < members.size(); i++) {
            if (!stopped.contains(i)) {
                members.get(i).replica().beat(members.get(i).store()::run);
                beats++;
                members.get(i).sweep().sweep();
            }
        }
    }

    /** The limit of one tenant at one replica. */
    public QuotaBucket bucket(int index, String tenant, Limit limit) {
        Member member = members.get(index);
        SharedBucket shared = new SharedBucket(member.environment(), limit,
                member.replica().keys().limit(tenant, limit.kind().key()), -1);
        return new LeasedBucket(shared, member.replica(), member.sweep(), time.time());
    }

    /** The messages that only say that a replica is alive. */
    public long beats() {
        return beats;
    }

    public long messages() {
        return members.stream().mapToLong(member -> member.store().messages()).sum();
    }

    /** What a bucket says at once, as the store of a test does. */
    public static Probe take(QuotaBucket bucket, long amount) {
        return bucket.take(amount).result();
    }

    @Override
    public void close() {
        members.forEach(member -> member.store().close());
    }
}
