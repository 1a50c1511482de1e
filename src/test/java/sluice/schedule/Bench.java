package sluice.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.testing.ManualTime;

/** A scheduler on virtual time: alarms ring when the time is moved over them. */
final class Bench {

    private record Ring(long at, Runnable task) {}

    /** An account with the buckets of its limits. */
    record Account(String name, AccountQuota quota) implements Capacity {

        @Override
        public long take() {
            return quota.takeRequest();
        }

        @Override
        public void giveBack() {
            quota.giveBackRequest();
        }

        @Override
        public long intervalNanos() {
            return quota.intervalNanos();
        }
    }

    /** A call and what has become of it. */
    final class Asked implements Call.Routes {
        final String name;
        final long deadline;
        private final Set<Capacity> allowed;
        final List<Outcome> outcomes = new ArrayList<>();
        Scheduler.@Nullable Place place;

        private Asked(String name, Set<Capacity> allowed, long deadline) {
            this.name = name;
            this.allowed = allowed;
            this.deadline = deadline;
        }

        @Override
        public boolean allows(Capacity account) {
            return allowed.contains(account);
        }

        @Override
        public boolean connect(Capacity account) {
            int free = connections.getOrDefault(account, Integer.MAX_VALUE);
            if (free == 0) {
                return false;
            }
            connections.put(account, free - 1);
            return true;
        }

        @Override
        public void disconnect(Capacity account) {
            connections.merge(account, 1, Integer::sum);
        }

        void leave() {
            if (place != null) {
                place.leave();
            }
        }

        boolean waits() {
            return outcomes.isEmpty();
        }

        Optional<Outcome.Granted> granted() {
            return outcomes.isEmpty() || !(outcomes.getFirst() instanceof Outcome.Granted granted)
                    ? Optional.empty()
                    : Optional.of(granted);
        }

        Permit permit() {
            return granted().orElseThrow().permit();
        }
    }

    final ManualTime time = new ManualTime();
    final List<Long> waits = new ArrayList<>();
    final Map<Capacity, Integer> connections = new HashMap<>();
    private final List<Ring> rings = new ArrayList<>();

    Scheduler scheduler(int maxWaiting, Capacity... accounts) {
        return new Scheduler(new Scheduler.Settings(Duration.ofSeconds(30), maxWaiting), List.of(accounts), time.time(),
                (nanos, task) -> rings.add(new Ring(time.nanos() + nanos, task)), waits::add);
    }

    /** An account of the provider's kind: full at first. */
    Account account(String name, long rpm, long burst) {
        return new Account(name, new AccountQuota(
                new AccountLimits(List.of(new Limit(Limit.Kind.RPM, rpm)), false, burst), time.time()));
    }

    /** An account that holds its promise in any minute: empty at first. */
    Account strict(long rpm, long burst) {
        return new Account("strict", new AccountQuota(
                new AccountLimits(List.of(new Limit(Limit.Kind.RPM, rpm)), true, burst), time.time()));
    }

    Asked ask(Scheduler scheduler, String name, Duration maxWait, boolean returning, Capacity... allowed) {
        Asked asked = new Asked(name, Set.of(allowed), time.nanos() + maxWait.toNanos());
        Scheduler.Place place = scheduler.ask(new Call(asked, asked.deadline, returning, Runnable::run));
        asked.place = place;
        place.outcome().onSuccess(asked.outcomes::add);
        return asked;
    }

    /** Moves the time, and rings every alarm on its way at its own moment. */
    void advance(Duration duration) {
        long until = time.nanos() + duration.toNanos();
        for (Optional<Ring> next = next(until); next.isPresent(); next = next(until)) {
            rings.remove(next.get());
            time.advanceNanos(Math.max(0, next.get().at() - time.nanos()));
            next.get().task().run();
        }
        time.advanceNanos(until - time.nanos());
    }

    private Optional<Ring> next(long until) {
        return rings.stream().filter(ring -> ring.at() <= until).min(Comparator.comparingLong(Ring::at));
    }
}
