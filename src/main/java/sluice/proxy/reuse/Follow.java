package sluice.proxy.reuse;

import io.vertx.core.Future;
import sluice.metrics.GatewayMeters;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Found.Joined;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;

/**
 * Gives a caller the answer of an identical call: what has arrived of it, then the rest at the caller's own pace. An
 * answer that breaks off for the other call never ends cleanly here.
 */
public final class Follow implements Stage<Joined, Answer> {
    private final Reading.Surroundings around;
    private final GatewayMeters meters;

    public Follow(Reading.Surroundings around, GatewayMeters meters) {
        this.around = around;
        this.meters = meters;
    }

    @Override
    public Future<Answer> apply(Joined joined) {
        // It will not be sent.
        joined.body().release();
        if (around.active().isRevoked(joined.caller().credential())) {
            return Refusal.of(new Reason.KeyRevoked(Ending.NOT_SENT));
        }
        int streams = joined.head().events() ? 1 : 0;
        Reading reading = new Reading(around, joined, joined.head(), joined.repeats(), joined.follower(),
                joined.times()::upstream);
        meters.streams(streams);
        return reading.run().onComplete(over -> meters.streams(-streams));
    }
}
