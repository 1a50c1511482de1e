package sluice.proxy.reuse;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import sluice.cache.PromptKey;
import sluice.cache.SharedAnswers;
import sluice.cache.SharedAnswers.Known;
import sluice.proxy.Found.Miss;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;
import sluice.time.Time;

/** Asks the store that replicas share for an answer, and waits, within bounds, while another replica makes it. */
final class Recall {
    private static final long FIRST_PAUSE_MILLIS = 50;
    private static final long LONGEST_PAUSE_MILLIS = 500;

    private final Vertx vertx;
    private final Time time;

    Recall(Vertx vertx, Time time) {
        this.vertx = vertx;
        this.time = time;
    }

    /**
     * What the replicas know of an answer in the end; fails if the caller leaves first.
     *
     * @param asks a digest of what is asked for, if the key does not say; otherwise empty
     */
    Future<Known> ask(SharedAnswers shared, PromptKey key, String asks, Miss miss) {
        return shared.look(key, asks).compose(known -> {
            long since = time.nanos();
            return waits(known, asks)
                    ? again(new Wait(shared, key, asks, miss, since + shared.waitNanos()), FIRST_PAUSE_MILLIS)
                            .onComplete(over -> miss.times().upstream(time.nanos() - since))
                    : stillWanted(known, miss);
        });
    }

    private static boolean waits(Known known, String asks) {
        return known instanceof Known.Claimed(String others) && others.equals(asks);
    }

    /** A call that waits for another replica. */
    private record Wait(SharedAnswers shared, PromptKey key, String asks, Miss miss, long until) {}

    /** Looks less and less often. */
    private Future<Known> again(Wait wait, long pauseMillis) {
        return vertx.timer(pauseMillis).compose(over -> wait.shared().look(wait.key(), wait.asks()))
                .compose(known -> stillWanted(known, wait.miss()))
                .compose(known -> waits(known, wait.asks()) && time.nanos() < wait.until()
                        ? again(wait, Math.min(LONGEST_PAUSE_MILLIS, pauseMillis + pauseMillis / 4))
                        : Future.succeededFuture(known));
    }

    private static Future<Known> stillWanted(Known known, Miss miss) {
        if (!miss.departure().gone()) {
            return Future.succeededFuture(known);
        }
        if (known instanceof Known.Unclaimed(var claim)) {
            claim.drop();
        }
        return Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
    }
}
