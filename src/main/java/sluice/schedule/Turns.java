package sluice.schedule;

import static java.util.stream.Collectors.toMap;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Room;
import sluice.isolation.Shared;
import sluice.schedule.Decision.Denied;
import sluice.schedule.Decision.Granted;
import sluice.schedule.Decision.Why;
import sluice.time.Time;

/**
 * Decides which calls get a permit, which wait their turn and which are turned away. Not thread-safe; the scheduler guards
 * it. How calls that waited end is added to the {@code news}, to be run once the lock is free.
 */
final class Turns {
    static final long NEVER = Long.MAX_VALUE;

    private final Scheduler scheduler;
    private final Time time;
    private final QueueObserver observer;
    private final FairQueue queue;
    private final WaitingRoom room;
    private Scheduler.Settings settings;
    private Pool pool;
    private long arrivals;
    private long permitDueAt = NEVER;

    /** Nobody waits yet. */
    Turns(Scheduler scheduler, Scheduler.Settings settings, List<Capacity> accounts, Time time,
            QueueObserver observer) {
        this.scheduler = scheduler;
        this.settings = settings;
        this.pool = new Pool(accounts, settings.affinity());
        this.time = time;
        this.observer = observer;
        this.queue = new FairQueue(settings.batchEvery());
        this.room = new WaitingRoom(queue, settings.maxWaiting());
    }

    /** A permit for a call, if nobody waits and some account can take it now; else null. */
    @Nullable
    Place pass(Call call, long now) {
        if (queue.size() > 0) {
            return null;
        }
        Pool.Round round = pool.round();
        Pool.Match match = round.match(call);
        noteDue(round, now);
        if (match == null) {
            return null;
        }
        queue.of(call.share()).arrived(match.quote().cost(), now);
        return new Decided(new Granted(grant(call, match), 0, 0));
    }

    /** The place of a call that cannot pass at once: in the queue, or none. */
    Place decide(Call call, long now, List<Runnable> news) {
        double refill = pool.refill(call);
        if (refill == 0) {
            return new Decided(never(call, 0));
        }
        Quote soonest = pool.soonest(call);
        if (soonest.refuses()) {
            return new Decided(refused(soonest, 0));
        }
        long predicted = predicted(call, refill, soonest, now);
        long allowed = call.deadlineNanos() - now;
        Room place = room.reserve(call);
        Why objection = !place.given()
                ? place == Room.NONE ? Why.QUEUE_FULL : Why.SHARE_FULL
                : predicted > allowed || allowed <= 0 ? Why.TOO_LONG : null;
        if (objection == null) {
            Waiting entry = join(call, predicted, now, news);
            queue.of(call.share()).arrived(entry.cost(), now);
            return entry;
        }
        if (place.given()) {
            room.release(call);
        }
        Denied denied = denied(objection, call, predicted - allowed, 0);
        return soonest.now() ? atOnce(call, denied, now, news) : new Decided(denied);
    }

    /** Lets a call that may not wait take its turn once: those that do wait may all want something else. */
    private Place atOnce(Call call, Denied otherwise, long now, List<Runnable> news) {
        room.insist(call);
        Waiting entry = join(call, 0, now, news);
        if (!room.leave(entry)) {
            queue.of(call.share()).arrived(entry.cost(), now);
            return entry;
        }
        // What was withheld for it is free for others.
        grant(now, news);
        return new Decided(otherwise);
    }

    private Waiting join(Call call, long predicted, long now, List<Runnable> news) {
        Waiting entry = new Waiting(scheduler, call, now, predicted, pool.cost(call), ++arrivals);
        room.join(entry);
        if (queue.size() > 1) {
            grant(now, news);
        }
        return entry;
    }

    /** The wait of a call that joins now. What others wait for may be due much later than what this one wants. */
    private long predicted(Call call, double refill, Quote soonest, long now) {
        long due = permitDueAt == NEVER ? 0 : Math.max(0, permitDueAt - now);
        long predicted = Forecast.nanos(queue, call, refill, Math.min(due, soonest.waitNanos()), now,
                other -> pool.areRivals(call, other));
        return Math.max(pauseNanos(soonest), predicted);
    }

    /** The answer to a call that no account can ever serve. */
    private Denied never(Call call, long waited) {
        return new Denied(pool.serves(call) ? Why.TOO_LARGE : Why.NOT_SERVED, "", 1, waited);
    }

    /** The answer to a call for which no account is worth waiting for. */
    private static Denied refused(Quote soonest, long waited) {
        return new Denied(Why.REFUSED, soonest.reason(), Math.max(1, soonest.waitNanos()), waited);
    }

    private static long pauseNanos(Quote soonest) {
        return soonest.pause() == null ? 0 : soonest.pause().nanos();
    }

    /** Offers again if a grant has changed the order, and with it for whom tokens are withheld. */
    private void grant(long now, List<Runnable> news) {
        Pool.Round round = pool.round();
        int before;
        do {
            before = queue.size();
            queue.offer(entry -> offer((Waiting) entry, now, round, news), round::over);
        } while (round.release() && queue.size() < before);
        noteDue(round, now);
    }

    private void noteDue(Pool.Round round, long now) {
        permitDueAt = round.dueNanos() == Quote.NEVER ? NEVER : now + round.dueNanos();
    }

    private boolean offer(Waiting entry, long now, Pool.Round round, List<Runnable> news) {
        Pool.Match match = round.match(entry.call());
        Quote soonest = match == null && round.refuses() ? pool.soonest(entry.call()) : Quote.UNKNOWN;
        if (match == null && !soonest.refuses()) {
            return false;
        }
        room.leave(entry);
        long waited = now - entry.since();
        news.add(end(entry, match == null
                ? refused(soonest, waited)
                : new Granted(grant(entry.call(), match), waited, entry.predicted())));
        return true;
    }

    private Permit grant(Call call, Pool.Match match) {
        match.account().take(call.need());
        queue.serve(call, match.quote().cost());
        return new GrantedPermit(match.account(), call, match.quote().cost(), scheduler, time);
    }

    /** Ends calls past their deadline; returns whether there were any, since what was withheld for them is now free. */
    private boolean expire(long now, List<Runnable> news) {
        int before = queue.size();
        for (Waiting first = room.first(); first != null && first.call().deadlineNanos() <= now; first = room
                .first()) {
            room.leave(first);
            news.add(end(first, denied(Why.DEADLINE, first.call(), 0, now - first.since())));
        }
        return queue.size() < before;
    }

    /** To be retried no sooner than the interval between two permits. */
    private Denied denied(Why why, Call call, long nanos, long waited) {
        long interval = Math.max(1, (long) (pool.cost(call) / pool.refill(call)));
        return new Denied(why, pool.soonest(call).reason(), Math.max(nanos, interval), waited);
    }

    /** Notifies a call; to be run outside the lock. */
    Runnable end(Waiting entry, Decision outcome) {
        return () -> {
            observer.waited(time.nanos() - entry.since());
            entry.tell(outcome);
        };
    }

    /** Applies new settings, also to calls that wait; a call that no account can ever serve any more ends. */
    void change(Scheduler.Settings changed, List<Capacity> accounts, Collection<Share> shares, List<Runnable> news) {
        settings = changed;
        room.change(changed.maxWaiting());
        pool = new Pool(accounts, changed.affinity());
        queue.change(changed.batchEvery(), shares.stream().collect(toMap(Share::tenant, share -> share)));
        long now = time.nanos();
        for (Waiting entry : room.all()) {
            if (pool.refill(entry.call()) == 0) {
                room.leave(entry);
                news.add(end(entry, never(entry.call(), now - entry.since())));
            }
        }
    }

    /** Grants what can be granted, and ends calls that have waited long enough. */
    void advance(long now, List<Runnable> news) {
        grant(now, news);
        if (expire(now, news)) {
            grant(now, news);
        }
    }

    /** Ends all waiting. */
    void close(List<Runnable> news) {
        long now = time.nanos();
        for (Waiting entry : room.all()) {
            room.leave(entry);
            news.add(end(entry, denied(Why.CLOSED, entry.call(), 0, now - entry.since())));
        }
    }

    /** A call leaves the queue; returns whether it was still there. */
    boolean leave(Waiting entry) {
        return room.leave(entry);
    }

    /** Charges a call that the upstream started by itself on this account. */
    GrantedPermit charge(Call call, Capacity account) {
        account.charge(call.need());
        double cost = account.cost(call.need());
        queue.charge(call.share(), cost);
        return new GrantedPermit(account, call, cost, scheduler, time);
    }

    /** Corrects what a tenant was charged. */
    void correct(Share share, double cost) {
        queue.charge(share, cost);
    }

    /** When the next permit or deadline is due; {@link #NEVER} if nobody waits. */
    long dueAt() {
        Waiting first = room.first();
        return first == null ? NEVER : Math.min(permitDueAt, first.call().deadlineNanos());
    }

    /** How many calls wait. */
    int waiting() {
        return queue.size();
    }

    /** How many calls wait in a lane. */
    int waiting(Lane lane) {
        return queue.backlogs().stream().mapToInt(backlog -> backlog.size(lane)).sum();
    }

    /** How full the queue is, and how many tenants are in it. */
    Shared shared() {
        return room.shared();
    }

    /** The waiting tenants, least served first. */
    List<TenantQueue> view() {
        return TenantQueue.of(queue, time.nanos());
    }

    /** What would happen to a call that asked now. */
    Outlook outlook(Call call) {
        Map<String, Quote> quotes = pool.quotes(call);
        double refill = pool.refill(call);
        if (refill == 0) {
            return new Outlook(quotes, Quote.NEVER, false, pool.serves(call));
        }
        Quote soonest = pool.soonest(call);
        if (queue.size() == 0) {
            return new Outlook(quotes, soonest.waitNanos(), soonest.refuses(), true);
        }
        return new Outlook(quotes, predicted(call, refill, soonest, time.nanos()), soonest.refuses(), true);
    }

    /** Waiting calls that could be sent to an account next, the least served tenant's first; at most this many lines. */
    List<Want> wants(Capacity account, int most) {
        long now = time.nanos();
        List<Want> wants = new ArrayList<>();
        for (Backlog backlog : queue.waiting()) {
            for (Backlog.Entry head : backlog.heads()) {
                if (wants.size() < most && Pool.allows(head.call(), account)) {
                    Call call = head.call();
                    wants.add(new Want(backlog.share(), call.lane(), call.need(), backlog.lineOf(head),
                            now - backlog.oldest(head)));
                }
            }
        }
        return wants;
    }

    int batchEvery() {
        return settings.batchEvery();
    }

    /** What tenants were charged since this was last called, divided by their weights. */
    Map<String, Double> takeUnreported() {
        return queue.takeUnreported();
    }

    /** Replaces the counters of tenants by those that are kept since then. */
    void merge(long since, Map<String, Double> counters) {
        queue.merge(since, counters);
    }
}
