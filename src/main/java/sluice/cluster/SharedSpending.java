package sluice.cluster;

import io.vertx.core.Future;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import sluice.quota.Budget.Period;
import sluice.quota.Treasury;

/**
 * What one tenant, or one of its tags, spends over all replicas. Each reports to the store all it has spent in a
 * period, so that a repeated message counts once; what calls in flight have reserved is a lease of four seconds,
 * renewed every second. One message is in flight at a time, and carries all calls that arrived meanwhile.
 *
 * <p>While the store is away, a replica may spend its share of what was left.
 */
final class SharedSpending implements Treasury, Swept {
    private static final String KEPT_MILLIS = "4000";
    private static final long RENEW_NANOS = TimeUnit.SECONDS.toNanos(1);
    /**
     * A replica that was silent for three minutes counts as gone; its spending is restored to a store that loses its
     * data.
     */
    private static final long REMIND_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long UNLIMITED = -1;

    /** A call that requests an amount. */
    private record Asked(long amount, CallerPromise<Boolean> home) {}

    /**
     * What the store has reported about a period.
     *
     * @param own       what this replica had spent by then
     * @param elsewhere what the others had
     * @param gone      what those of them had that are gone
     */
    private record Heard(LocalDate since, long own, long elsewhere, long gone) {}

    private final SharedBucket.Environment environment;
    private final List<String> key;
    private final Supplier<List<Part>> parts;
    private final Sweep sweep;
    private List<Asked> waiting = new ArrayList<>();
    private volatile Map<Period, Heard> heard = Map.of();
    /** The store's epoch in which that was reported; empty before the first answer. */
    private volatile String learned = "";
    private volatile long reservedElsewhere;
    private long reserved;
    private boolean asking;
    private boolean news;
    private long toldAt;

    SharedSpending(SharedBucket.Environment environment, String tenant, String tag, Supplier<List<Part>> parts,
            Sweep sweep) {
        this.environment = environment;
        this.key = List.of(environment.replica().keys().limit(tenant, tag.isEmpty() ? "money" : "money " + tag));
        this.parts = parts;
        this.sweep = sweep;
        // A replica that once learned what others spend can restore it to a store that lost its data.
        news = true;
        sweep.soon(this);
    }

    @Override
    public Future<Boolean> take(long picodollars) {
        if (!environment.store().reachable()) {
            return Future.succeededFuture(local(picodollars));
        }
        CallerPromise<Boolean> home = new CallerPromise<>();
        synchronized (this) {
            waiting.add(new Asked(picodollars, home));
        }
        ask();
        return home.future();
    }

    @Override
    public synchronized void insist(long picodollars) {
        changed(picodollars);
    }

    @Override
    public synchronized void over(long taken) {
        changed(-taken);
    }

    private void changed(long reservedMore) {
        reserved += reservedMore;
        news = true;
        sweep.soon(this);
    }

    @Override
    public long spentElsewhere(Part part) {
        Heard last = heardOf(part);
        return last == null ? part.before() : last.elsewhere();
    }

    private @Nullable Heard heardOf(Part part) {
        Heard last = heard.get(part.period());
        return last == null || !last.since().equals(part.since()) ? null : last;
    }

    @Override
    public long reservedElsewhere() {
        return reservedElsewhere;
    }

    /** Renews the lease, and reports what was spent. */
    @Override
    public boolean sweep(long now) {
        List<Part> told = parts.get();
        boolean spent = told.stream().anyMatch(part -> part.spent() > 0);
        boolean due;
        boolean again;
        synchronized (this) {
            if (told.isEmpty() && reserved == 0 && waiting.isEmpty()) {
                news = false;
                return false;
            }
            long since = now - toldAt;
            due = news || (reserved > 0 && since >= RENEW_NANOS) || (spent && since >= REMIND_NANOS);
            again = news || spent || reserved > 0;
        }
        if (due && environment.store().reachable()) {
            ask();
        }
        return again;
    }

    @Override
    public Future<?> leave() {
        return environment.store().reachable() ? tell(parts.get(), 0, List.of()) : Future.succeededFuture();
    }

    @Override
    public double held() {
        return 0;
    }

    /** Asks on behalf of all waiting calls, unless a message is in flight; its answer triggers this again. */
    private void ask() {
        List<Asked> asked;
        long underWay;
        synchronized (this) {
            if (asking) {
                return;
            }
            asking = true;
            news = false;
            toldAt = environment.time().nanos();
            asked = waiting;
            waiting = new ArrayList<>();
            underWay = reserved;
        }
        // In this order, a call settled meanwhile briefly counts twice, and never not at all.
        List<Part> told = parts.get();
        tell(told, underWay, asked).onComplete(reply -> answered(told, asked, reply), lost -> away(asked));
    }

    private Future<Reply> tell(List<Part> told, long underWay, List<Asked> asked) {
        List<String> arguments = new ArrayList<>(
                List.of(environment.replica().id(), KEPT_MILLIS, Long.toString(underWay),
                        Integer.toString(told.size()), learned));
        for (Part part : told) {
            Heard last = heardOf(part);
            arguments.addAll(List.of(part.period().key(), part.since().toString(),
                    Long.toString(part.limit().orElse(UNLIMITED)), Long.toString(part.spent()),
                    Long.toString(last == null ? part.before() : last.gone()), Long.toString(part.left().toSeconds())));
        }
        asked.forEach(each -> arguments.add(Long.toString(each.amount())));
        return environment.store().run(Script.SPEND, key, arguments);
    }

    private void answered(List<Part> told, List<Asked> asked, Reply reply) {
        String served = reply.text(0);
        synchronized (this) {
            asking = false;
            reservedElsewhere = reply.number(1);
            Map<Period, Heard> news = new EnumMap<>(Period.class);
            for (int i = 0; i < told.size(); i++) {
                Part part = told.get(i);
                news.put(part.period(),
                        new Heard(part.since(), part.spent(), reply.number(2 + 2 * i), reply.number(3 + 2 * i)));
            }
            heard = news;
            learned = reply.text(2 + 2 * told.size());
            for (int i = 0; i < asked.size(); i++) {
                reserved += served.charAt(i) == '1' ? asked.get(i).amount() : 0;
            }
        }
        sweep.soon(this);
        for (int i = 0; i < asked.size(); i++) {
            asked.get(i).home().answer(served.charAt(i) == '1');
        }
        askAgain();
    }

    private void away(List<Asked> asked) {
        synchronized (this) {
            asking = false;
            news = true;
        }
        sweep.soon(this);
        asked.forEach(each -> each.home().answer(local(each.amount())));
        askAgain();
    }

    /** For calls that arrived while a message was in flight. */
    private void askAgain() {
        boolean more;
        synchronized (this) {
            more = !waiting.isEmpty();
        }
        if (more) {
            ask();
        }
    }

    /** Decides while the store is away, by this replica's share of what was left, unless configured otherwise. */
    private boolean local(long amount) {
        long underWay;
        synchronized (this) {
            underWay = reserved;
            changed(amount);
        }
        boolean room = switch (environment.onLoss()) {
            case SHARE -> parts.get().stream().allMatch(part -> fits(part, underWay, amount));
            case OPEN -> true;
            case CLOSED -> false;
        };
        if (!room) {
            over(amount);
        }
        return room;
    }

    private boolean fits(Part part, long underWay, long amount) {
        if (part.limit().isEmpty()) {
            return true;
        }
        Heard last = heardOf(part);
        long told = last == null ? 0 : last.own();
        long share = Math.max(0, part.limit().getAsLong() - told - spentElsewhere(part))
                / environment.replica().parts();
        long taken = part.spent() - told + underWay;
        return taken < share && amount <= share - taken;
    }
}
