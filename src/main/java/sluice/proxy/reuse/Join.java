package sluice.proxy.reuse;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import sluice.cache.AnswerCache;
import sluice.cache.AnsweredCalls;
import sluice.cache.Flight;
import sluice.cache.Flights;
import sluice.cache.Follower;
import sluice.cache.Leader;
import sluice.cache.PromptKey;
import sluice.cache.Repeat;
import sluice.cache.SharedAnswers;
import sluice.cache.SharedAnswers.Known;
import sluice.cache.Tiers;
import sluice.cache.Turn;
import sluice.isolation.Bulkhead;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Found;
import sluice.proxy.Found.Hit;
import sluice.proxy.Found.Joined;
import sluice.proxy.Found.Miss;
import sluice.proxy.Lead;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.schedule.Lane;
import sluice.time.Time;

/**
 * Looks for a call in flight that this one repeats or that is identical to it, here and at other replicas, and waits
 * until its answer begins. If there is none, or it fails, this call goes upstream itself and may be followed in turn.
 */
public final class Join implements Stage<Miss, Found> {
    private final Vertx vertx;
    private final AnswerCache cache;
    private final AnsweredCalls answered;
    private final Flights flights;
    private final Tiers tiers;
    private final Bulkhead copies;
    private final Lead.Continuing continuing;
    private final Recall recall;
    private final Time time;

    /**
     * Looks in what all event loops share.
     *
     * @param tiers     where replicas share answers
     * @param copies    memory for answers that are on their way to callers
     * @param continued calls that continue without their callers
     */
    public Join(Vertx vertx, AnswerCache cache, AnsweredCalls answered, Flights flights, Tiers tiers, Bulkhead copies,
            Bulkhead continued, Time time) {
        this.vertx = vertx;
        this.cache = cache;
        this.answered = answered;
        this.flights = flights;
        this.tiers = tiers;
        this.copies = copies;
        this.continuing = new Lead.Continuing(vertx, continued, answered);
        this.recall = new Recall(vertx, time);
        this.time = time;
    }

    @Override
    public Future<Found> apply(Miss miss) {
        if (miss.key().isEmpty() && miss.repeat().isEmpty()) {
            return Future.succeededFuture(miss);
        }
        Context home = vertx.getOrCreateContext();
        return new Boarding(miss, task -> home.runOnContext(now -> task.run())).run();
    }

    /** One call on its way to the answer it gets, or makes. */
    private final class Boarding {
        private final Miss miss;
        private final Executor loop;
        private final Flight.Patience patience;

        Boarding(Miss miss, Executor loop) {
            Ask ask = miss.ask();
            this.miss = miss;
            this.loop = loop;
            this.patience = new Flight.Patience(ask.patience().lane() == Lane.BATCH, ask.patience().waitNanos());
        }

        Future<Found> run() {
            if (miss.repeat().isEmpty()) {
                return miss.ask().cacheControl().noCache()
                        ? leads(flights.alone(patience))
                        : boarded(flights.board(miss.key().orElseThrow(), patience, loop), this::identical, false);
            }
            Repeat repeat = miss.repeat().get();
            return boarded(flights.board(repeat, patience, loop), leader -> repeated(repeat, leader), true);
        }

        private Future<Found> boarded(Flights.Boarding boarding, Leading leading, boolean repeats) {
            return switch (boarding) {
                case Flights.Boarding.Leads(Leader leader) -> held(leader, () -> leading.with(leader));
                case Flights.Boarding.Follows(Follower follower) -> new Wait(this, follower, repeats).run();
                case Flights.Boarding.Reused() -> Refusal.of(new Reason.KeyReused());
                case Flights.Boarding.TooLate() -> Refusal.of(new Reason.KeyInUse());
            };
        }

        /** A leader that finds no answer and cannot make one leads no longer. */
        private Future<Found> held(Leader leader, Supplier<Future<Found>> step) {
            return Stage.begun(step).onFailure(refused -> leader.close());
        }

        /** It leads the repeats to come, unless the answer is already there; it may have come since {@link LookUp}. */
        private Future<Found> repeated(Repeat repeat, Leader leader) {
            Optional<AnsweredCalls.Answered> known = answered.find(repeat);
            if (known.isPresent()) {
                return known.get().isOf(repeat)
                        ? hit(leader, known.get().found(), true)
                        : Refusal.of(new Reason.KeyReused());
            }
            leader.promise(answered.claim(repeat));
            return tiers.repeats().isEmpty()
                    ? unanswered(leader)
                    : recalled(tiers.repeats().get(), repeat.name(), repeat.asks(), leader)
                            .compose(shared -> repeated(repeat, leader, shared));
        }

        private Future<Found> repeated(Repeat repeat, Leader leader, Known shared) {
            return switch (shared) {
                case Known.Answer known -> {
                    if (!known.asks().equals(repeat.asks())) {
                        yield Refusal.of(new Reason.KeyReused());
                    }
                    answered.adopt(repeat, known);
                    yield hit(leader, new AnswerCache.Found(repeat.name(), known.answer(), known.ageSeconds()), true);
                }
                case Known.Claimed(String asks) -> Refusal.of(asks.equals(repeat.asks())
                        ? new Reason.KeyInUse()
                        : new Reason.KeyReused());
                case Known.Unclaimed(var claim) -> {
                    leader.promise(claim);
                    yield unanswered(leader);
                }
                case Known.Nothing() -> unanswered(leader);
            };
        }

        /** It repeats nothing, but may be identical to another call. */
        private Future<Found> unanswered(Leader leader) {
            return miss.key().isEmpty() || miss.ask().cacheControl().noCache()
                    ? leads(leader)
                    : boarded(flights.board(miss.key().get(), leader, patience, loop), this::identical, false);
        }

        /** It leads identical calls to come, unless the answer is already there. */
        private Future<Found> identical(Leader leader) {
            PromptKey key = miss.key().orElseThrow();
            Optional<AnswerCache.Found> kept = cache.find(key, miss.ask().cacheControl());
            if (kept.isPresent()) {
                return hit(leader, kept.get(), false);
            }
            return tiers.prompts().isEmpty()
                    ? leads(leader)
                    : recalled(tiers.prompts().get(), key, "", leader).compose(shared -> identical(leader, shared));
        }

        private Future<Found> identical(Leader leader, Known shared) {
            switch (shared) {
                case Known.Answer known when known.ageSeconds() <= miss.ask().cacheControl().maxAge() -> {
                    PromptKey key = miss.key().orElseThrow();
                    cache.adopt(key, known);
                    return hit(leader, new AnswerCache.Found(key, known.answer(), known.ageSeconds()), false);
                }
                case Known.Unclaimed(var claim) -> leader.promise(claim);
                case Known.Answer old -> {
                    // The caller wants a newer one.
                }
                case Known.Claimed(String none) -> {
                    // It takes too long.
                }
                case Known.Nothing() -> {
                    // Each replica goes alone.
                }
            }
            return leads(leader);
        }

        private Future<Known> recalled(SharedAnswers shared, PromptKey key, String asks, Leader leader) {
            miss.departure().unless(leader::isFollowed);
            return recall.ask(shared, key, asks, miss);
        }

        private Future<Found> hit(Leader leader, AnswerCache.Found found, boolean repeats) {
            leader.found(found.answer(), copies.part(miss.holder()));
            return Future.succeededFuture(new Hit(miss.ask(), found, repeats));
        }

        Future<Found> leads(Leader leader) {
            Lead lead = new Lead(miss, leader, continuing);
            miss.departure().unless(lead);
            leader.onFollowers(loop, lead::changed);
            return Future.succeededFuture(miss.leading(lead));
        }
    }

    /** What a call does once it leads. */
    @FunctionalInterface
    private interface Leading {
        Future<Found> with(Leader leader);
    }

    /** Waits for the answer to begin. */
    private final class Wait {
        private final Boarding boarding;
        private final Miss miss;
        private final Follower follower;
        private final boolean repeats;
        private final Promise<Found> found = Promise.promise();
        private final long since = time.nanos();
        private boolean over;

        Wait(Boarding boarding, Follower follower, boolean repeats) {
            this.boarding = boarding;
            this.miss = boarding.miss;
            this.follower = follower;
            this.repeats = repeats;
        }

        Future<Found> run() {
            follower.onChange(this::look);
            miss.departure().onLeave(() -> {
                over = true;
                if (found.tryFail(new Refusal(new Reason.ClientGone(Ending.NOT_SENT)))) {
                    follower.leave();
                }
            });
            look();
            return found.future();
        }

        private void look() {
            if (over) {
                return;
            }
            Turn turn = follower.turn();
            if (turn instanceof Turn.Wait) {
                // The flight wakes it.
                return;
            }
            over = true;
            miss.departure().ignore();
            miss.times().upstream(time.nanos() - since);
            next(turn).onComplete(found);
        }

        private Future<Found> next(Turn turn) {
            return switch (turn) {
                case Turn.Read(Flight.Head head) ->
                    Future.succeededFuture(new Joined(miss.ask(), head, follower, repeats));
                case Turn.Lead(Leader leader) -> boarding.leads(leader);
                case Turn.GoAlone() when miss.repeat().isEmpty() -> boarding.leads(flights.alone(boarding.patience));
                case Turn.GoAlone(),Turn.Wait() -> boarding.run();
            };
        }
    }
}
