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
import sluice.openai.ModelGlob;
import sluice.quota.AccountLimits;
import sluice.quota.AccountQuota;
import sluice.quota.Limit;
import sluice.quota.Limit.Kind;
import sluice.quota.Limit.Unit;
import sluice.quota.LocalBucket;
import sluice.testing.ManualTime;

/** A scheduler on virtual time: alarms ring when the time is moved over them. */
final class Bench {

    private record Ring(long at, Runnable task) {}

    /** An account with the buckets of its limits. */
    final class Account implements Capacity {
        final List<Long> sentAt = new ArrayList<>();
        final AccountQuota quota;
        int inFlight;
        double answerNanos;
        boolean paused;
        @Nullable
        Duration refuses;
        /** The models it serves; all where empty. */
        Set<String> models = Set.of();
        private final String name;
        private int unsent;

        private Account(String name, AccountLimits limits) {
            this.name = name;
            this.quota = new AccountQuota(limits,
                    (limit, each, of) -> LocalBucket.of(limit, each, of, -1, time.time()));
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public boolean serves(String model) {
            return models.isEmpty() || model.isEmpty() || models.contains(model);
        }

        @Override
        public Quote quote(Need need, Set<String> withheld) {
            if (refuses != null) {
                return new Quote(refuses.toNanos(), new Quote.Lacking(Quote.Scope.ACCOUNT, "refuses"), cost(need), 0,
                        load(), new Quote.Pause(refuses.toNanos(), true));
            }
            if (paused) {
                return new Quote(Quote.NEVER, new Quote.Lacking(Quote.Scope.ACCOUNT, "paused"), cost(need), 0,
                        load(), null);
            }
            AccountQuota.Check check = quota.check(need.model(), need.tokens(), withheld);
            return new Quote(check.waitNanos(), lacking(check.lacking()), cost(need), check.headroom(), load(),
                    null);
        }

        private Quote.Load load() {
            return new Quote.Load(inFlight, answerNanos);
        }

        private static Quote.@Nullable Lacking lacking(AccountQuota.@Nullable Lacking lacking) {
            if (lacking == null) {
                return null;
            }
            Quote.Scope scope = lacking.ofAllModels() ? Quote.Scope.ACCOUNT : Quote.Scope.LIMIT;
            return new Quote.Lacking(lacking.unit() == Unit.TOKENS ? Quote.Scope.TOKENS : scope, lacking.name());
        }

        @Override
        public void take(Need need) {
            quota.take(need.model(), need.tokens());
            unsent++;
        }

        @Override
        public void charge(Need need) {
            throw new AssertionError("nothing begins by itself here");
        }

        @Override
        public void named(Need need, String model) {
            throw new AssertionError("every model is known here");
        }

        @Override
        public void sent(Need need) {
            unsent--;
            sentAt.add(time.nanos());
        }

        @Override
        public void giveBack(Need need) {
            quota.giveBack(need.model(), need.tokens(), --unsent);
        }

        @Override
        public void forfeit(Need need) {
            unsent--;
        }

        @Override
        public void settle(Need need, long usedTokens) {
            quota.settle(need.model(), need.tokens(), usedTokens);
        }

        @Override
        public double cost(Need need) {
            return quota.share(need.model(), need.tokens());
        }

        @Override
        public double refill(Need need) {
            return quota.refill(need.model(), need.tokens());
        }

        @Override
        public boolean exceeds(Need need) {
            return quota.exceeds(need.model(), need.tokens());
        }

        /** What remains of a limit. */
        long left(Kind kind, long amount) {
            return Math.round(Optional.ofNullable(quota.remainingRatios().get(kind.key())).orElseThrow().getAsDouble()
                    * amount);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    /**
     * What a call wants.
     *
     * @param only   the accounts that it may be sent to; all where empty
     * @param prompt whose beginning it shares with others; empty if it does not
     */
    record Wish(Share share, Need need, Lane lane, Duration patience, boolean returning, Set<Account> only,
            String prompt) {

        /** For a tenant of weight 1: an interactive call without tokens that waits up to an hour. */
        static Wish of(String tenant) {
            return new Wish(new Share(tenant, 1), new Need("m", 0), Lane.INTERACTIVE, Duration.ofHours(1), false,
                    Set.of(), "");
        }

        Wish weighing(double weight) {
            return new Wish(new Share(share.tenant(), weight), need, lane, patience, returning, only, prompt);
        }

        Wish tokens(long tokens) {
            return new Wish(share, new Need(need.model(), tokens), lane, patience, returning, only, prompt);
        }

        Wish model(String model) {
            return new Wish(share, new Need(model, need.tokens()), lane, patience, returning, only, prompt);
        }

        Wish in(Lane other) {
            return new Wish(share, need, other, patience, returning, only, prompt);
        }

        Wish waiting(Duration most) {
            return new Wish(share, need, lane, most, returning, only, prompt);
        }

        Wish again() {
            return new Wish(share, need, lane, patience, true, only, prompt);
        }

        Wish only(Account... accounts) {
            return new Wish(share, need, lane, patience, returning, Set.of(accounts), prompt);
        }

        /** Shares the beginning of its prompt with others that say so. */
        Wish sharing(String begin) {
            return new Wish(share, need, lane, patience, returning, only, begin);
        }
    }

    /** A call and what has become of it. */
    final class Asked implements Call.Routes {
        final Wish wish;
        final long askedAt = time.nanos();
        final List<Decision> outcomes = new ArrayList<>();
        long grantedAt;
        int turn;
        private final Place place;

        private Asked(Scheduler scheduler, Wish wish) {
            this.wish = wish;
            this.place = scheduler.ask(new Call(wish.share(), wish.need(), wish.lane(), this,
                    askedAt + wish.patience().toNanos(), wish.returning(), Runnable::run));
            place.outcome().onSuccess(this::happened);
        }

        private void happened(Decision outcome) {
            outcomes.add(outcome);
            if (outcome instanceof Decision.Granted) {
                if (!permit().account().serves(wish.need().model())) {
                    throw new AssertionError(this + ": granted by an account without its model");
                }
                grantedAt = time.nanos();
                granted.add(this);
                turn = granted.size();
            }
        }

        @Override
        public boolean allows(Capacity account) {
            return wish.only().isEmpty() || wish.only().contains(account);
        }

        @Override
        public boolean connect(Capacity account) {
            int free = connections.getOrDefault(account, Integer.MAX_VALUE);
            connections.put(account, Math.max(0, free - 1));
            return free > 0;
        }

        @Override
        public Optional<Affinity> affinity() {
            return wish.prompt().isEmpty()
                    ? Optional.empty()
                    : Optional.of(Affinity.of(wish.share().tenant(), wish.prompt()));
        }

        void leave() {
            place.leave();
        }

        boolean waits() {
            return outcomes.isEmpty();
        }

        boolean isGranted() {
            return !outcomes.isEmpty() && outcomes.getFirst() instanceof Decision.Granted;
        }

        Permit permit() {
            return ((Decision.Granted) outcomes.getFirst()).permit();
        }

        Decision.Denied denied() {
            return (Decision.Denied) outcomes.getFirst();
        }

        String tenant() {
            return wish.share().tenant();
        }

        @Override
        public String toString() {
            return wish + " " + outcomes;
        }
    }

    final ManualTime time = new ManualTime();
    final List<Long> waits = new ArrayList<>();
    final List<Asked> granted = new ArrayList<>();
    final Map<Capacity, Integer> connections = new HashMap<>();
    private final List<Ring> rings = new ArrayList<>();

    Scheduler scheduler(int maxWaiting, Account... accounts) {
        return scheduler(maxWaiting, true, accounts);
    }

    /** @param affinity whether calls that share a prompt are drawn to one account */
    Scheduler scheduler(int maxWaiting, boolean affinity, Account... accounts) {
        return new Scheduler(new Scheduler.Settings(Duration.ofSeconds(30), maxWaiting, 0.1, affinity),
                List.of(accounts),
                time.time(), (nanos, task) -> rings.add(new Ring(time.nanos() + nanos, task)), waits::add);
    }

    /** An account of the provider's kind, full at first, with a burst of its own. */
    Account account(String name, long burst, Limit... limits) {
        return new Account(name, new AccountLimits(List.of(limits), Map.of(), false, burst));
    }

    /** Likewise, with limits of some models. */
    Account account(String name, long burst, String models, Limit ofModels, Limit... limits) {
        return new Account(name, new AccountLimits(List.of(limits), Map.of(new ModelGlob(models), List.of(ofModels)),
                false, burst));
    }

    /** An account that holds its promise in any minute: empty at first. */
    Account strict(String name, long burst, Limit... limits) {
        return new Account(name, new AccountLimits(List.of(limits), Map.of(), true, burst));
    }

    Asked ask(Scheduler scheduler, Wish wish) {
        return new Asked(scheduler, wish);
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
