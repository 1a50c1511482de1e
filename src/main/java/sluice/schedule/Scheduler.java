package sluice.schedule;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.schedule.Outcome.Denied;
import sluice.schedule.Outcome.Granted;
import sluice.schedule.Outcome.Left;
import sluice.schedule.Outcome.Why;
import sluice.time.Time;

/**
 * Grants permits of upstream accounts to calls. A call that some account can take now passes at once on its own event
 * loop; else it waits, first in first out, bounded in number and time.
 *
 * <p>One short lock guards the queue and is never held over I/O. Nothing polls: an alarm is set for the moment at which
 * the next permit or the next deadline is due.
 */
public final class Scheduler {

    /**
     * The bounds of waiting.
     *
     * @param maxWait    the longest that one call waits for a permit; zero: never
     * @param maxWaiting the most calls that wait at once
     */
    public record Settings(Duration maxWait, int maxWaiting) {}

    /** A call's place in the queue, by which it can leave. */
    public interface Place {

        /** What becomes of the call; complete at once if it need not wait. */
        Future<Outcome> outcome();

        /** The caller has gone: the call leaves the queue and costs nothing. */
        void leave();
    }

    private static final long NEVER = Long.MAX_VALUE;

    private final Settings settings;
    private final List<Capacity> accounts;
    private final Time time;
    private final Alarm alarm;
    private final QueueObserver observer;
    private final ReentrantLock lock = new ReentrantLock();
    private final Deque<Waiting> queue = new ArrayDeque<>();
    private final PriorityQueue<Waiting> byDeadline = new PriorityQueue<>(
            Comparator.comparingLong(entry -> entry.call.deadlineNanos()));
    private final Map<Capacity, Grants> grants;
    private long permitDueAt = NEVER;
    private long alarmAt = NEVER;
    private long alarmsSet;
    private volatile int waiting;

    /**
     * Starts with an empty queue.
     *
     * @param accounts the pool: whatever can serve the same calls
     * @param alarm    wakes this up when the next permit or deadline is due
     */
    public Scheduler(Settings settings, List<Capacity> accounts, Time time, Alarm alarm, QueueObserver observer) {
        this.settings = settings;
        this.accounts = List.copyOf(accounts);
        this.grants = this.accounts.stream().collect(Collectors.toMap(account -> account, account -> new Grants()));
        this.time = time;
        this.alarm = alarm;
        this.observer = observer;
    }

    /** Asks for a permit. */
    public Place ask(Call call) {
        lock.lock();
        try {
            long now = time.nanos();
            permitDueAt = queue.isEmpty() ? NEVER : permitDueAt;
            Permit permit = take(call, now, call.returning() ? new HashSet<>() : wanted());
            if (permit != null) {
                return new Decided(new Granted(permit, 0));
            }
            int ahead = call.returning() ? 0 : ahead(call);
            long predicted = predict(call, ahead, now);
            long allowed = call.deadlineNanos() - now;
            if (!call.returning() && queue.size() >= settings.maxWaiting()) {
                return new Decided(new Denied(Why.QUEUE_FULL, retryAfter(call, predicted - allowed)));
            }
            if (predicted > allowed || allowed <= 0) {
                return new Decided(new Denied(Why.TOO_LONG, retryAfter(call, predicted - allowed)));
            }
            return join(call, now);
        } finally {
            lock.unlock();
        }
    }

    /** Something may have become free; costs nothing while nobody waits. */
    public void wake() {
        if (waiting > 0) {
            pump();
        }
    }

    /** How many calls wait now. */
    public int waiting() {
        return waiting;
    }

    private Place join(Call call, long now) {
        Waiting entry = new Waiting(call, now);
        if (call.returning()) {
            queue.addFirst(entry);
        } else {
            queue.addLast(entry);
        }
        byDeadline.add(entry);
        waiting = queue.size();
        setAlarm(now);
        return entry;
    }

    /** Grants what can be granted, and ends what has waited long enough. */
    private void pump() {
        List<Runnable> news = new ArrayList<>();
        lock.lock();
        try {
            long now = time.nanos();
            grant(now, news);
            expire(now, news);
            waiting = queue.size();
            setAlarm(now);
        } finally {
            lock.unlock();
        }
        news.forEach(Runnable::run);
    }

    /** In order of arrival; a call that no account can take lets those behind it pass to other accounts only. */
    private void grant(long now, List<Runnable> news) {
        permitDueAt = NEVER;
        Set<Capacity> exhausted = new HashSet<>();
        Iterator<Waiting> entries = queue.iterator();
        while (entries.hasNext() && exhausted.size() < accounts.size()) {
            Waiting entry = entries.next();
            Permit permit = take(entry.call, now, exhausted);
            if (permit != null) {
                entries.remove();
                byDeadline.remove(entry);
                long waited = now - entry.since;
                news.add(entry.end(new Granted(permit, waited)));
            }
        }
    }

    private void expire(long now, List<Runnable> news) {
        for (Waiting first = byDeadline.peek(); first != null
                && first.call.deadlineNanos() <= now; first = byDeadline.peek()) {
            byDeadline.poll();
            queue.remove(first);
            news.add(first.end(new Denied(Why.DEADLINE, retryAfter(first.call, 0))));
        }
    }

    /** A connection and a permit of the first account that has both for the call, or null. */
    private @Nullable Permit take(Call call, long now, Set<Capacity> exhausted) {
        for (Capacity account : accounts) {
            if (call.routes().allows(account) && !exhausted.contains(account) && call.routes().connect(account)) {
                Grants granted = grantsOf(account);
                OptionalLong unsent = granted.reuse(now);
                if (unsent.isPresent()) {
                    return new Permit(account, this, time, unsent.getAsLong());
                }
                long wait = account.take();
                if (wait == 0) {
                    granted.taken(now);
                    return new Permit(account, this, time, now);
                }
                call.routes().disconnect(account);
                exhausted.add(account);
                permitDueAt = Math.min(permitDueAt, now + wait);
            }
        }
        return null;
    }

    /** A permit came back unsent, in time. */
    void returned(Capacity account, long grantedAt) {
        lock.lock();
        try {
            if (!grantsOf(account).keep(grantedAt, time.nanos())) {
                account.giveBack();
            }
        } finally {
            lock.unlock();
        }
        wake();
    }

    private Grants grantsOf(Capacity account) {
        return Objects.requireNonNull(grants.get(account));
    }

    /** The accounts that some waiting call may use: a call that comes later must not take from them. */
    private Set<Capacity> wanted() {
        Set<Capacity> wanted = new HashSet<>();
        Iterator<Waiting> entries = queue.iterator();
        while (entries.hasNext() && wanted.size() < accounts.size()) {
            Waiting entry = entries.next();
            accounts.stream().filter(entry.call.routes()::allows).forEach(wanted::add);
        }
        return wanted;
    }

    /** How many of those that wait compete with the call for an account. */
    private int ahead(Call call) {
        if (accounts.size() == 1) {
            return queue.size();
        }
        return (int) queue.stream().filter(entry -> accounts.stream()
                .anyMatch(account -> call.routes().allows(account) && entry.call.routes().allows(account))).count();
    }

    /** How long a call will wait behind so many others, in nanoseconds, if all of them stay. */
    private long predict(Call call, int ahead, long now) {
        long next = permitDueAt == NEVER ? 0 : Math.max(0, permitDueAt - now);
        return next + Math.round(ahead * interval(call));
    }

    /** The time from one permit to the next over all accounts that the call may use. */
    private double interval(Call call) {
        double perNano = 0;
        for (Capacity account : accounts) {
            if (call.routes().allows(account)) {
                perNano += 1.0 / account.intervalNanos();
            }
        }
        return perNano == 0 ? 0 : 1 / perNano;
    }

    private long retryAfter(Call call, long nanos) {
        return Math.max(nanos, Math.max(1, (long) Math.ceil(interval(call))));
    }

    private void setAlarm(long now) {
        Waiting first = byDeadline.peek();
        if (first == null) {
            return;
        }
        long due = Math.min(permitDueAt, first.call.deadlineNanos());
        if (due < alarmAt) {
            alarmAt = due;
            long number = ++alarmsSet;
            alarm.after(Math.max(1, due - now), () -> ring(number));
        }
    }

    /** An alarm that was overtaken by an earlier one says nothing. */
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
        pump();
    }

    /** A call that did not have to wait. */
    private record Decided(Outcome decision) implements Place {

        @Override
        public Future<Outcome> outcome() {
            return Future.succeededFuture(decision);
        }

        @Override
        public void leave() {
            // It is not in the queue.
        }
    }

    /** A call in the queue. */
    private final class Waiting implements Place {
        private final Call call;
        private final long since;
        private final Promise<Outcome> promise = Promise.promise();

        Waiting(Call call, long since) {
            this.call = call;
            this.since = since;
        }

        @Override
        public Future<Outcome> outcome() {
            return promise.future();
        }

        @Override
        public void leave() {
            lock.lock();
            try {
                if (!queue.remove(this)) {
                    return;
                }
                byDeadline.remove(this);
                waiting = queue.size();
            } finally {
                lock.unlock();
            }
            end(new Left()).run();
        }

        /** What is to be done, outside the lock, to tell the call. */
        Runnable end(Outcome outcome) {
            return () -> {
                observer.waited(time.nanos() - since);
                call.home().execute(() -> promise.complete(outcome));
            };
        }
    }
}
