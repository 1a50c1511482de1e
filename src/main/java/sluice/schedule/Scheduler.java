package sluice.schedule;

import static java.util.stream.Collectors.toMap;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import sluice.isolation.Room;
import sluice.isolation.Shared;
import sluice.schedule.Decision.Denied;
import sluice.schedule.Decision.Granted;
import sluice.schedule.Decision.Left;
import sluice.schedule.Decision.Why;
import sluice.time.Time;

/**
 * Grants permits of upstream accounts to calls. If nobody waits and some account can take a call now, it passes at
 * once on its own event loop; otherwise it waits its turn in a {@link FairQueue}, bounded in number and time. The
 * account is picked when the call is granted: the one expected to answer soonest, going by its answers so far, its
 * calls in flight and what remains of its limits; or, of those that can take it now, the one that its {@link Affinity}
 * draws it to.
 *
 * <p>One short lock guards the queue and is never held over I/O. Nothing polls: an alarm is set for when the next
 * permit or deadline is due.
 */
public final class Scheduler {

    /**
     * Bounds on waiting.
     *
     * @param maxWait    the longest one call waits for a permit; zero: never
     * @param maxWaiting the most calls that wait at once; a tenant may have at most as many of them as are still free
     * @param batchShare the share of its own grants that a tenant's batch lane gets while both lanes wait; above 0,
     *                   below 1
     * @param affinity   whether calls that share a prompt are drawn to one account
     */
    public record Settings(Duration maxWait, int maxWaiting, double batchShare, boolean affinity) {

        int batchEvery() {
            return (int) Math.max(2, Math.round(1 / batchShare));
        }
    }

    private static final long NEVER = Long.MAX_VALUE;

    private final Time time;
    private final Alarm alarm;
    private final QueueObserver observer;
    private final ReentrantLock lock = new ReentrantLock();
    private final FairQueue queue;
    private final WaitingRoom room;
    private Settings settings;
    private Pool pool;
    private long arrivals;
    private long permitDueAt = NEVER;
    private long alarmAt = NEVER;
    private long alarmsSet;
    private volatile int waiting;

    /**
     * Starts with an empty queue.
     *
     * @param accounts the pool: all that can serve the same calls
     * @param alarm    wakes this when the next permit or deadline is due
     */
    public Scheduler(Settings settings, List<Capacity> accounts, Time time, Alarm alarm, QueueObserver observer) {
        this.settings = settings;
        this.pool = new Pool(accounts, settings.affinity());
        this.time = time;
        this.alarm = alarm;
        this.observer = observer;
        this.queue = new FairQueue(settings.batchEvery());
        this.room = new WaitingRoom(queue, settings.maxWaiting());
    }

    /** Asks for a permit. */
    public Place ask(Call call) {
        List<Runnable> news = new ArrayList<>();
        lock.lock();
        try {
            long now = time.nanos();
            if (queue.size() == 0) {
                Pool.Round round = pool.round();
                Pool.Match match = round.match(call);
                noteDue(round, now);
                if (match != null) {
                    queue.of(call.share()).arrived(match.quote().cost(), now);
                    return new Decided(new Granted(grant(call, match), 0, 0));
                }
            }
            Place place = decide(call, now, news);
            waiting = queue.size();
            setAlarm(now);
            return place;
        } finally {
            lock.unlock();
            news.forEach(Runnable::run);
        }
    }

    /**
     * Applies new settings, also to calls that wait; a call that no account can ever serve any more ends.
     *
     * @param accounts makes the changes to accounts, from which nobody takes meanwhile, and returns all of them
     * @param shares   of all tenants
     */
    public void reload(Settings settings, Supplier<List<Capacity>> accounts, Collection<Share> shares) {
        List<Runnable> news = new ArrayList<>();
        lock.lock();
        try {
            this.settings = settings;
            room.change(settings.maxWaiting());
            pool = new Pool(accounts.get(), settings.affinity());
            queue.change(settings.batchEvery(), shares.stream().collect(toMap(Share::tenant, share -> share)));
            long now = time.nanos();
            for (Waiting entry : room.all()) {
                if (pool.refill(entry.call()) == 0) {
                    room.leave(entry);
                    news.add(end(entry, new Denied(Why.TOO_LARGE, "", 1, now - entry.since())));
                }
            }
            waiting = queue.size();
        } finally {
            lock.unlock();
        }
        news.forEach(Runnable::run);
        wake();
    }

    /** What would happen to a call that asked now. Nothing is taken, and nobody waits. */
    public Outlook outlook(Call call) {
        lock.lock();
        try {
            Map<String, Quote> quotes = pool.quotes(call);
            double refill = pool.refill(call);
            if (refill == 0) {
                return new Outlook(quotes, Quote.NEVER, false);
            }
            Quote soonest = pool.soonest(call);
            if (queue.size() == 0) {
                return new Outlook(quotes, soonest.waitNanos(), soonest.refuses());
            }
            long now = time.nanos();
            return new Outlook(quotes, predicted(call, refill, soonest, now), soonest.refuses());
        } finally {
            lock.unlock();
        }
    }

    /** Charges a call that the upstream started by itself on this account; the permit is already sent. */
    public Permit charge(Call call, Capacity account) {
        GrantedPermit permit;
        lock.lock();
        try {
            account.charge(call.need());
            double cost = account.cost(call.need());
            queue.charge(call.share(), cost);
            permit = new GrantedPermit(account, call, cost, this, time);
        } finally {
            lock.unlock();
        }
        permit.sent();
        return permit;
    }

    /** Something may have become free: grants what can be granted, and ends calls that have waited long enough. */
    public void wake() {
        List<Runnable> news = new ArrayList<>();
        lock.lock();
        try {
            if (queue.size() == 0) {
                return;
            }
            long now = time.nanos();
            grant(now, news);
            if (expire(now, news)) {
                grant(now, news);
            }
            waiting = queue.size();
            setAlarm(now);
        } finally {
            lock.unlock();
        }
        news.forEach(Runnable::run);
    }

    /** Ends all waiting, since the gateway is shutting down. */
    public void close() {
        List<Runnable> news = new ArrayList<>();
        lock.lock();
        try {
            long now = time.nanos();
            for (Waiting entry : room.all()) {
                room.leave(entry);
                news.add(end(entry, denied(Why.CLOSED, entry.call(), 0, now - entry.since())));
            }
            waiting = 0;
        } finally {
            lock.unlock();
        }
        news.forEach(Runnable::run);
    }

    /** How many calls wait now. */
    public int waiting() {
        return waiting;
    }

    /** How full the queue is, and how many tenants are in it. */
    public Shared shared() {
        return room.shared();
    }

    /** How many calls wait now in a lane. */
    public int waiting(Lane lane) {
        lock.lock();
        try {
            return queue.backlogs().stream().mapToInt(backlog -> backlog.size(lane)).sum();
        } finally {
            lock.unlock();
        }
    }

    /** The waiting tenants, least served first; those with nothing waiting are left out. */
    public List<TenantQueue> view() {
        lock.lock();
        try {
            return TenantQueue.of(queue, time.nanos());
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waiting calls that could be sent to an account next, the least served tenant's first; at most this many lines.
     */
    public List<Want> wants(Capacity account, int most) {
        lock.lock();
        try {
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
        } finally {
            lock.unlock();
        }
    }

    /** While both lanes of a tenant wait, its batch lane gets one in this many grants. */
    public int batchEvery() {
        lock.lock();
        try {
            return settings.batchEvery();
        } finally {
            lock.unlock();
        }
    }

    /** What tenants were charged here since this was last called, divided by their weights. */
    public Map<String, Double> takeUnreported() {
        lock.lock();
        try {
            return queue.takeUnreported();
        } finally {
            lock.unlock();
        }
    }

    /** Replaces this scheduler's tenant counters with those known across several. */
    public void merge(Map<String, Double> counters) {
        lock.lock();
        try {
            queue.merge(counters);
        } finally {
            lock.unlock();
        }
    }

    /** Removes a call from the queue, if it is still there. */
    void leave(Waiting entry) {
        lock.lock();
        try {
            if (!room.leave(entry)) {
                return;
            }
            waiting = queue.size();
        } finally {
            lock.unlock();
        }
        end(entry, new Left()).run();
        // What was withheld for it is free for others.
        wake();
    }

    /** An unsent permit came back, in time or too late. */
    void takeBack(Capacity account, Need need, boolean inTime) {
        lock.lock();
        try {
            if (inTime) {
                account.giveBack(need);
            } else {
                account.forfeit(need);
            }
        } finally {
            lock.unlock();
        }
    }

    /** Corrects what a tenant was charged. */
    void correct(Share share, double cost) {
        lock.lock();
        try {
            queue.charge(share, cost);
        } finally {
            lock.unlock();
        }
        wake();
    }

    private Place decide(Call call, long now, List<Runnable> news) {
        double refill = pool.refill(call);
        if (refill == 0) {
            return new Decided(new Denied(Why.TOO_LARGE, "", 1, 0));
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
        Waiting entry = new Waiting(this, call, now, predicted, pool.cost(call), ++arrivals);
        room.join(entry);
        if (queue.size() > 1) {
            grant(now, news);
        }
        return entry;
    }

    /** The wait of a call that joins now. What others wait for may be due much later than what this one wants. */
    private long predicted(Call call, double refill, Quote soonest, long now) {
        long due = permitDueAt == NEVER ? 0 : Math.max(0, permitDueAt - now);
        long predicted = Forecast.nanos(queue, call, refill, Math.min(due, soonest.waitNanos()), now);
        return Math.max(pauseNanos(soonest), predicted);
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
        return new GrantedPermit(match.account(), call, match.quote().cost(), this, time);
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

    private void setAlarm(long now) {
        Waiting first = room.first();
        if (first == null) {
            return;
        }
        long due = Math.min(permitDueAt, first.call().deadlineNanos());
        if (due < alarmAt) {
            alarmAt = due;
            long number = ++alarmsSet;
            alarm.after(Math.max(1, due - now), () -> ring(number));
        }
    }

    /** Ignores an alarm superseded by an earlier one. */
    private void ring(long number) {
        lock.lock();
        try {
            if (number != alarmsSet) {
                return;
            }
            alarmAt = NEVER;
        } finally {
            lock.unlock();
        }
        wake();
    }

    /** Notifies a call; to be run outside the lock. */
    private Runnable end(Waiting entry, Decision outcome) {
        return () -> {
            observer.waited(time.nanos() - entry.since());
            entry.tell(outcome);
        };
    }
}
