package sluice.proxy.reuse;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.Optional;
import java.util.concurrent.Executor;
import sluice.cache.AnswerCache;
import sluice.cache.Flight;
import sluice.cache.Flights;
import sluice.cache.PromptKey;
import sluice.cache.Turn;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Found;
import sluice.proxy.Exchange.Hit;
import sluice.proxy.Exchange.Joined;
import sluice.proxy.Exchange.Miss;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.schedule.Lane;
import sluice.time.Time;

/**
 * Looks for an identical call in flight, and waits until its answer begins. If there is none, or it fails, this call goes
 * upstream itself and may be followed in turn.
 */
public final class Join implements Stage<Miss, Found> {
    private final Vertx vertx;
    private final AnswerCache cache;
    private final Flights flights;
    private final Time time;

    public Join(Vertx vertx, AnswerCache cache, Flights flights, Time time) {
        this.vertx = vertx;
        this.cache = cache;
        this.flights = flights;
        this.time = time;
    }

    @Override
    public Future<Found> apply(Miss miss) {
        if (miss.key().isEmpty()) {
            return Future.succeededFuture(miss);
        }
        PromptKey key = miss.key().get();
        Ask ask = miss.ask();
        Context home = vertx.getOrCreateContext();
        Executor loop = task -> home.runOnContext(now -> task.run());
        if (ask.cacheControl().noCache()) {
            return Future.succeededFuture(leading(miss, flights.alone(key, patience(ask)), loop));
        }
        return switch (flights.board(key, patience(ask), loop)) {
            case Flights.Boarding.Leads(Flight.Leader leader) -> Future.succeededFuture(lead(miss, key, leader, loop));
            case Flights.Boarding.Follows(Flight.Follower follower) -> new Wait(miss, key, follower, loop).run();
        };
    }

    private static Flight.Patience patience(Ask ask) {
        return new Flight.Patience(ask.patience().lane() == Lane.BATCH, ask.patience().waitNanos());
    }

    /** The answer may have been cached since {@link LookUp} looked for it. */
    private Found lead(Miss miss, PromptKey key, Flight.Leader leader, Executor loop) {
        Optional<AnswerCache.Found> kept = cache.find(key, miss.ask().cacheControl());
        if (kept.isPresent()) {
            leader.close();
            return new Hit(miss.ask(), kept.get());
        }
        return leading(miss, leader, loop);
    }

    /** The call continues without its caller as long as others follow. */
    private static Miss leading(Miss miss, Flight.Leader leader, Executor loop) {
        miss.departure().unless(leader::isFollowed);
        leader.onFollowers(loop, miss.departure()::reconsider);
        return miss.leading(leader);
    }

    /** Waits for the answer to begin. */
    private final class Wait {
        private final Miss miss;
        private final PromptKey key;
        private final Flight.Follower follower;
        private final Executor loop;
        private final Promise<Found> found = Promise.promise();
        private final long since = time.nanos();

        Wait(Miss miss, PromptKey key, Flight.Follower follower, Executor loop) {
            this.miss = miss;
            this.key = key;
            this.follower = follower;
            this.loop = loop;
        }

        Future<Found> run() {
            follower.onChange(this::look);
            miss.departure().onLeave(() -> {
                if (found.tryFail(new Refusal(new Reason.ClientGone(Ending.NOT_SENT)))) {
                    follower.leave();
                }
            });
            look();
            return found.future();
        }

        private void look() {
            if (found.future().isComplete()) {
                return;
            }
            switch (follower.turn()) {
                case Turn.Wait() -> {
                    // The flight wakes it.
                }
                case Turn.Read(Flight.Head head) -> over(new Joined(miss.ask(), head, follower));
                case Turn.Lead(Flight.Leader leader) -> over(leading(miss, leader, loop));
                case Turn.GoAlone() ->
                    over(leading(miss, flights.alone(key, patience(miss.ask())), loop));
            }
        }

        private void over(Found result) {
            miss.departure().ignore();
            miss.times().upstream(time.nanos() - since);
            found.complete(result);
        }
    }
}
