package sluice.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import sluice.isolation.Shared;
import sluice.schedule.Decision.Left;
import sluice.time.Time;

/**
 * Grants permits of upstream accounts to calls. If nobody waits and some account can take a call now, it passes at
 * once on its own event loop; otherwise it waits its turn in a {@link FairQueue}, bounded in number and time. The
 * account is picked when the call is granted: the one expected to answer soonest, going by its answers so far, its
 * calls in flight and what remains of its limits; or, of those that can take it now, the one that its {@link Affinity}
 * draws it to.
 *
 * <p>One short lock guards the queue and is never held over I/O. Nothing polls: an alarm is set for when the next
 * permit or deadline is due. {@link Turns} decides; calls learn of it once the lock is free.
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

    private final Time time;
    private final Alarm alarm;
    private final ReentrantLock lock = new ReentrantLock();
    private final Turns turns;
    private long alarmAt = Turns.NEVER;
    private long alarmsSet;
    private volatile int waiting;

    /**
     * Starts with an empty queue.
     *
     * @param accounts the pool: all that can serve the same calls
     * @param alarm    wakes this when the next permit or deadline is due
     */
    public Scheduler(Settings settings, List<Capacity> accounts, Time time, Alarm alarm, QueueObserver observer) {
        this.time = time;
        this.alarm = alarm;
        this.turns = new Turns(this, settings, accounts, time, observer);
    }

    /** Asks for a permit. */
    public Place ask(Call call) {
        List<Runnable> news = new ArrayList<>();
        lock.lock();
        try {
            long now = time.nanos();
            Place passed = turns.pass(call, now);
            if (passed != null) {
                return passed;
            }
            Place place = turns.decide(call, now, news);
            waiting = turns.waiting();
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
            turns.change(settings, accounts.get(), shares, news);
            waiting = turns.waiting();
        } finally {
            lock.unlock();
        }
        news.forEach(Runnable::run);
        wake();
    }

    /** What would happen to a call that asked now. Nothing is taken, and nobody waits. */
    public Outlook outlook(Call call) {
        return locked(() -> turns.outlook(call));
    }

    /** Charges a call that the upstream started by itself on this account; the permit is already sent. */
    public Permit charge(Call call, Capacity account) {
        GrantedPermit permit;
        lock.lock();
        try {
            permit = turns.charge(call, account);
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
            if (turns.waiting() == 0) {
                return;
            }
            long now = time.nanos();
            turns.advance(now, news);
            waiting = turns.waiting();
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
            turns.close(news);
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
        return turns.shared();
    }

    /** How many calls wait now in a lane. */
    public int waiting(Lane lane) {
        return locked(() -> turns.waiting(lane));
    }

    /** The waiting tenants, least served first; those with nothing waiting are left out. */
    public List<TenantQueue> view() {
        return locked(turns::view);
    }

    /**
     * Waiting calls that could be sent to an account next, the least served tenant's first; at most this many lines.
     */
    public List<Want> wants(Capacity account, int most) {
        return locked(() -> turns.wants(account, most));
    }

    /** While both lanes of a tenant wait, its batch lane gets one in this many grants. */
    public int batchEvery() {
        return locked(turns::batchEvery);
    }

    /** What tenants were charged here since this was last called, divided by their weights. */
    public Map<String, Double> takeUnreported() {
        return locked(turns::takeUnreported);
    }

    private <T> T locked(Supplier<T> look) {
        lock.lock();
        try {
            return look.get();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Replaces this scheduler's tenant counters with those known across several.
     *
     * @param since names the beginning of that count: with another one, all tenants begin anew
     */
    public void merge(long since, Map<String, Double> counters) {
        lock.lock();
        try {
            turns.merge(since, counters);
        } finally {
            lock.unlock();
        }
    }

    /** Removes a call from the queue, if it is still there. */
    void leave(Waiting entry) {
        lock.lock();
        try {
            if (!turns.leave(entry)) {
                return;
            }
            waiting = turns.waiting();
        } finally {
            lock.unlock();
        }
        turns.end(entry, new Left()).run();
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
            turns.correct(share, cost);
        } finally {
            lock.unlock();
        }
        wake();
    }

    private void setAlarm(long now) {
        long due = turns.dueAt();
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
            alarmAt = Turns.NEVER;
        } finally {
            lock.unlock();
        }
        wake();
    }
}
