package sluice.cluster;

import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import sluice.quota.AccountBucket;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.schedule.Capacity;
import sluice.schedule.Scheduler;
import sluice.schedule.Want;
import sluice.time.Time;

/**
 * An account that all replicas share. While calls wait here it visits the store whenever its turn may have come,
 * reports the waiting tenants and the service they have had, and fetches the permits due to this replica in
 * cluster-wide order; while none wait it prefetches for recent demand.
 *
 * <p>Its monitor guards the slices. It is taken under the scheduler's lock, never the other way round.
 */
public final class SharedAccount implements Swept {
    private static final long UNUSED_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long SHORTEST_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long LONGEST_NANOS = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long ROUND_TRIP_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long KEPT_MILLIS = 5_000;
    private static final int LINES = 16;

    /** Runs a visit some nanoseconds later. */
    @FunctionalInterface
    interface Later {
        void after(long nanos, Runnable task);
    }

    /** The queue in which calls wait for the account. */
    public record Queue(Scheduler scheduler, Capacity capacity, AccountQuota quota, Reports reports) {}

    private final SharedBucket.Environment environment;
    private final List<String> keys;
    private final Sweep sweep;
    private final Later later;
    private final Trust trust;
    private final List<AccountSlice> slices = new CopyOnWriteArrayList<>();
    private volatile @Nullable Queue line;
    private boolean visiting;
    private volatile boolean leaving;
    private volatile Future<?> visit = Future.succeededFuture();
    private boolean planned;
    private boolean waits;
    private boolean scarce;
    private long heard;
    private long visitedAt;
    private long spentAt;
    private long nextAt;
    private double part = 1;
    private Map<String, Double> unreported = new HashMap<>();

    SharedAccount(SharedBucket.Environment environment, String pool, String account, Sweep sweep, Later later) {
        this.environment = environment;
        Keys names = environment.replica().keys();
        this.keys = List.of(names.account(pool, account), names.service(pool));
        this.sweep = sweep;
        this.later = later;
        this.visitedAt = now() - UNUSED_NANOS;
        this.nextAt = now();
        this.trust = new Trust(now());
    }

    /** Creates the bucket of a limit. */
    public AccountBucket bucket(String name, Limit limit, AccountLimits of, long remembered) {
        AccountSlice slice = new AccountSlice(this, name, limit, of, remembered);
        slices.add(slice);
        return slice;
    }

    /** From now on calls wait for the account in this queue, and take from these buckets. */
    public void serves(Scheduler scheduler, Capacity capacity, AccountQuota quota, Reports reports) {
        line = new Queue(scheduler, capacity, quota, reports);
        reports.whenScarce(this::scarce);
    }

    long now() {
        return environment.time().nanos();
    }

    Time time() {
        return environment.time();
    }

    /** Whether the store is reachable and does not keep forgetting the account. */
    boolean present() {
        return environment.store().reachable() && trust.given(now());
    }

    /** When the current trouble began. */
    long troubledAt() {
        return Math.min(trust.troubledAt(now()), environment.store().troubledAt());
    }

    boolean closed() {
        return environment.onLoss() == StoreLoss.CLOSED;
    }

    int parts() {
        return environment.onLoss() == StoreLoss.OPEN ? 1 : environment.replica().parts();
    }

    int replicas() {
        return environment.replica().replicas();
    }

    String epoch() {
        return environment.replica().epoch();
    }

    double part() {
        return present() ? part : 1;
    }

    /** Whether what is held is still valid. */
    boolean fresh() {
        return now() - visitedAt < UNUSED_NANOS;
    }

    /** A call lacks a permit; plans a visit and returns how long the call will have to wait, as far as known. */
    long lacks() {
        waits = true;
        long now = now();
        plan(nextAt - now);
        return Math.max(ROUND_TRIP_NANOS, nextAt - now + ROUND_TRIP_NANOS);
    }

    /** Something was spent; plans a visit if little remains. */
    void spent(boolean low) {
        spentAt = now();
        if (low) {
            plan(nextAt - now());
        }
        sweep.soon(this);
    }

    void hasNews() {
        sweep.soon(this);
    }

    private synchronized void scarce() {
        scarce = true;
        sweep.soon(this);
    }

    private void plan(long nanos) {
        if (!planned && !visiting) {
            planned = true;
            later.after(Math.max(0, nanos), this::visit);
        }
    }

    private void visit() {
        Queue queue = line;
        synchronized (this) {
            planned = false;
            if (queue == null || leaving || !present()) {
                return;
            }
            visiting = true;
        }
        List<Want> wants = queue.scheduler().wants(queue.capacity(), LINES);
        tell(queue, wants, wants.isEmpty() && now() - spentAt >= UNUSED_NANOS, KEPT_MILLIS);
    }

    /** The last visit: it asks for nothing, and the store forgets this replica at once. */
    @Override
    public Future<?> leave() {
        Queue queue = line;
        leaving = true;
        return visit.transform(over -> queue == null || !present()
                ? Future.succeededFuture()
                : tell(queue, List.of(), true, 0));
    }

    private Future<Reply> tell(Queue queue, List<Want> wants, boolean back, long keptMillis) {
        Map<String, Double> charges = queue.scheduler().takeUnreported();
        List<AccountSlice> visited = List.copyOf(slices);
        Visit brings;
        boolean unsure;
        long sentAt = now();
        synchronized (this) {
            waits = false;
            scarce = false;
            unreported.forEach((tenant, cost) -> charges.merge(tenant, cost, Double::sum));
            unreported = new HashMap<>();
            int waiting = wants.stream().mapToInt(Want::calls).sum();
            brings = new Visit(queue, wants, charges, visited,
                    visited.stream().map(slice -> slice.report(waiting, back)).toList());
            unsure = visited.stream().noneMatch(AccountSlice::known);
        }
        JsonObject message = brings.message().put("me", environment.replica().id()).put("hold", keptMillis)
                .put("heard", heard)
                .put("longest", TimeUnit.NANOSECONDS.toMicros(LONGEST_NANOS));
        Future<Reply> told = send(message, unsure).compose(answer -> answer.unsure()
                ? environment.replica().findOut(environment.store()::run).compose(found -> send(message, false))
                : Future.succeededFuture(answer));
        visit = told;
        return told.onComplete(answer -> answered(brings, answer, sentAt, unsure), lost -> lost(brings));
    }

    private Future<Reply> send(JsonObject message, boolean unsure) {
        message.put("unsure", unsure).put("lost", environment.replica().lostAt());
        return environment.store().run(Script.VISIT, keys, List.of(message.encode()));
    }

    private void answered(Visit brought, Reply answer, long sentAt, boolean unsure) {
        Queue queue = brought.queue();
        List<AccountSlice> visited = brought.slices();
        synchronized (this) {
            visiting = false;
            visitedAt = sentAt;
            if (!unsure && answer.number(7) == 0) {
                trust.lost(now());
            }
            for (int i = 0; i < visited.size(); i++) {
                visited.get(i).granted(Long.parseLong(answer.texts(0).get(i)),
                        Double.parseDouble(answer.texts(1).get(i)));
            }
            long due = TimeUnit.MICROSECONDS.toNanos(answer.number(3));
            nextAt = now() + (due < 0 ? SHORTEST_NANOS : Math.clamp(due, SHORTEST_NANOS, LONGEST_NANOS));
            part = Math.max(0.01, answer.decimal(4));
            heard = answer.number(6);
            if (due >= 0 || waits) {
                plan(nextAt - now());
            }
            if (slices.stream().anyMatch(AccountSlice::holds)) {
                sweep.soon(this);
            }
        }
        hear(queue, answer.texts(5));
        queue.scheduler().merge(answer.number(8), counters(answer.texts(2)));
        queue.scheduler().wake();
    }

    private static void hear(Queue queue, List<String> words) {
        for (int i = 0; i < words.size(); i += 5) {
            queue.reports().hear(new Reports.Told(words.get(i), Long.parseLong(words.get(i + 1)),
                    Double.parseDouble(words.get(i + 2)), Double.parseDouble(words.get(i + 3)),
                    TimeUnit.MICROSECONDS.toNanos(Long.parseLong(words.get(i + 4)))));
        }
    }

    private static Map<String, Double> counters(List<String> pairs) {
        Map<String, Double> counters = new HashMap<>();
        for (int i = 0; i < pairs.size(); i += 2) {
            counters.put(pairs.get(i), Double.parseDouble(pairs.get(i + 1)));
        }
        return counters;
    }

    private void lost(Visit brought) {
        synchronized (this) {
            visiting = false;
            brought.charges().forEach((tenant, cost) -> unreported.merge(tenant, cost, Double::sum));
            for (int i = 0; i < brought.slices().size(); i++) {
                brought.slices().get(i).unreported(brought.reports().get(i));
            }
            nextAt = now() + LONGEST_NANOS;
            sweep.soon(this);
        }
        brought.queue().scheduler().wake();
    }

    /** Plans a visit to return what has been unused for two seconds, or to report what is owed. */
    @Override
    public synchronized boolean sweep(long now) {
        boolean holds = slices.stream().anyMatch(AccountSlice::holds);
        boolean owes = slices.stream().anyMatch(AccountSlice::owes);
        if (present() && (owes || scarce || (holds && now - spentAt >= UNUSED_NANOS))) {
            plan(0);
        }
        return holds || owes || scarce;
    }

    @Override
    public double held() {
        return 0;
    }
}
