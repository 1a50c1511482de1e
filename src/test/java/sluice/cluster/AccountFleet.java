package sluice.cluster;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;
import sluice.account.LiveAccount;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Decision;
import sluice.schedule.Lane;
import sluice.schedule.Need;
import sluice.schedule.Scheduler;
import sluice.schedule.Share;
import sluice.upstream.AccountHealth;
import sluice.upstream.ApiKey;
import sluice.upstream.KeyRing;

/** Replicas that serve one account, with their real queues, on one clock: tasks run in the order of their moments. */
public final class AccountFleet implements AutoCloseable {
    private static final AccountHealth.BreakerSettings BREAKER = new AccountHealth.BreakerSettings(1, 1_000_000,
            Duration.ofSeconds(10), Duration.ofSeconds(1));
    private static final Call.Routes ANYWHERE = new Call.Routes() {
        @Override
        public boolean allows(Capacity account) {
            return true;
        }

        @Override
        public boolean connect(Capacity account) {
            return true;
        }
    };

    /** What every call takes. */
    public static final Need NEED = new Need("m", 0);

    private record Task(long at, long order, Runnable run) {}

    /** A call that was sent from a replica. */
    public record Sent(String tenant, int index, Lane lane, long waitNanos) {}

    /** A replica with its queue; one that has died never runs again. */
    private static final class Node {
        private final Scheduler scheduler;
        private final LiveAccount capacity;
        private boolean alive = true;

        Node(Scheduler scheduler, LiveAccount capacity) {
            this.scheduler = scheduler;
            this.capacity = capacity;
        }
    }

    private final Fleet fleet;
    private AccountLimits limits;
    private final PriorityQueue<Task> tasks = new PriorityQueue<>(
            Comparator.comparingLong(Task::at).thenComparingLong(Task::order));
    private final List<@Nullable Node> nodes = new ArrayList<>();
    private final Map<String, Long> served = new TreeMap<>();
    private final List<Sent> calls = new ArrayList<>();
    private final Map<Integer, List<Reports.Told>> reported = new TreeMap<>();
    private final List<Long> sent = new ArrayList<>();
    private long order;

    public AccountFleet(int port, int size, StoreLoss onLoss, AccountLimits limits) {
        this.fleet = new Fleet(port, size, onLoss);
        this.limits = limits;
        for (int i = 0; i < size; i++) {
            nodes.add(null);
            start(i);
        }
        beat();
    }

    /** An account without other limits. */
    public static AccountLimits strict(long rpm, long burst) {
        return new AccountLimits(List.of(new Limit(Limit.Kind.RPM, rpm)), Map.of(), true, burst);
    }

    public Fleet fleet() {
        return fleet;
    }

    /** Processes that start from now on have read another file. */
    void limits(AccountLimits changed) {
        limits = changed;
    }

    /** The upstream says to one replica that half is left of the quotas of a model. */
    void report(int index, String model) {
        reported.computeIfAbsent(index, none -> new ArrayList<>())
                .add(new Reports.Told("requests/" + model, 1_000, 500, 1e-6, 0));
    }

    /** What the upstream says, by headers and by the test. */
    private final class Upstream implements Reports {
        private final int index;
        private final Reports byHeaders;

        Upstream(int index, Reports byHeaders) {
            this.index = index;
            this.byHeaders = byHeaders;
        }

        @Override
        public List<Told> news() {
            List<Told> news = new ArrayList<>(byHeaders.news());
            news.addAll(reported.getOrDefault(index, List.of()));
            reported.remove(index);
            return news;
        }

        @Override
        public void hear(Told told) {
            byHeaders.hear(told);
        }

        @Override
        public void whenScarce(Runnable teller) {
            byHeaders.whenScarce(teller);
        }
    }

    /** A new process takes the place of one, which may have died before. */
    public void start(int index) {
        Fleet.Member member = fleet.member(index);
        List<Node> self = new ArrayList<>();
        SharedAccount shared = new SharedAccount(member.environment(), "default", "main", member.sweep(),
                (nanos, task) -> after(nanos, () -> runIfAlive(self, task)));
        AccountQuota quota = new AccountQuota(limits, (name, limit, of) -> shared.bucket(name, limit, of, -1));
        LiveAccount capacity = new LiveAccount("main", quota, new AccountHealth("main", BREAKER),
                new KeyRing(List.of(new ApiKey("k")), fleet.time().nanos()), fleet.time().time());
        Scheduler scheduler = new Scheduler(new Scheduler.Settings(Duration.ofHours(1), 1_000_000, 0.1, true),
                List.of(capacity), fleet.time().time(), (nanos, task) -> after(nanos, () -> runIfAlive(self, task)),
                nanos -> {});
        shared.serves(scheduler, capacity, quota, new Upstream(index, capacity.reports()));
        Node node = new Node(scheduler, capacity);
        self.add(node);
        nodes.set(index, node);
    }

    /** A process dies without a word; another one takes its place with another id. */
    public void replace(int index) {
        node(index).alive = false;
        fleet.renew(index);
        start(index);
    }

    /** A process ends in good order; another one takes its place with another id. */
    public void restart(int index) {
        node(index).scheduler.close();
        fleet.member(index).sweep().leave();
        replace(index);
    }

    /** The account as one replica sees it. */
    public LiveAccount capacity(int index) {
        return node(index).capacity;
    }

    private Node node(int index) {
        Node node = nodes.get(index);
        if (node == null) {
            throw new IllegalStateException("not started");
        }
        return node;
    }

    private static void runIfAlive(List<Node> self, Runnable task) {
        if (self.getFirst().alive) {
            task.run();
        }
    }

    private void after(long nanos, Runnable task) {
        tasks.add(new Task(fleet.time().nanos() + Math.max(1, nanos), ++order, task));
    }

    private void beat() {
        fleet.advance(0);
        after(Replica.BEAT.toNanos(), this::beat);
    }

    /** A call arrives; when it is granted it is sent at once, and another one comes if that is wished. */
    public void ask(int index, Share share, IntPredicate again) {
        ask(index, share, Lane.INTERACTIVE, again);
    }

    /** The same in one of the tenant's lanes. */
    public void ask(int index, Share share, Lane lane, IntPredicate again) {
        Node node = node(index);
        Call call = new Call(share, NEED, lane, ANYWHERE, Long.MAX_VALUE / 2, false, Runnable::run);
        node.scheduler.ask(call).outcome().onSuccess(outcome -> {
            if (outcome instanceof Decision.Granted granted && node.alive) {
                granted.permit().sent();
                sent.add(fleet.time().nanos());
                served.merge(share.tenant(), 1L, Long::sum);
                calls.add(new Sent(share.tenant(), index, lane, granted.waitNanos()));
                if (again.test(index)) {
                    after(1, () -> {
                        if (node.alive) {
                            ask(index, share, lane, again);
                        }
                    });
                }
            }
        });
    }

    /** Whether a call that arrives now, and can wait so long, is turned away at once. */
    boolean turnsAway(int index, Share share, long patienceNanos) {
        Call call = new Call(share, NEED, Lane.INTERACTIVE, ANYWHERE, fleet.time().nanos() + patienceNanos, false,
                Runnable::run);
        Future<Decision> outcome = node(index).scheduler.ask(call).outcome().onSuccess(decision -> {
            if (decision instanceof Decision.Granted granted) {
                granted.permit().sent();
                served.merge(share.tenant(), 1L, Long::sum);
            }
        });
        return outcome.isComplete() && outcome.result() instanceof Decision.Denied;
    }

    /** Lets so much time pass. */
    public void run(long nanos) {
        long end = fleet.time().nanos() + nanos;
        while (!tasks.isEmpty() && tasks.peek().at() <= end) {
            Task next = tasks.poll();
            fleet.time().advanceNanos(next.at() - fleet.time().nanos());
            next.run().run();
        }
        fleet.time().advanceNanos(end - fleet.time().nanos());
    }

    /** Calls that were sent, by tenant. */
    public Map<String, Long> served() {
        return served;
    }

    public int sent() {
        return sent.size();
    }

    /** The calls that were sent, in their order. */
    public List<Sent> calls() {
        return calls;
    }

    /** The most that were sent in any 60 seconds. */
    public int worstMinute() {
        int worst = 0;
        int from = 0;
        for (int to = 0; to < sent.size(); to++) {
            while (sent.get(to) - sent.get(from) > 60_000_000_000L) {
                from++;
            }
            worst = Math.max(worst, to - from + 1);
        }
        return worst;
    }

    @Override
    public void close() {
        fleet.close();
    }
}
