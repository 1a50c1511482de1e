package sluice.proxy.socket;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import sluice.account.LiveAccount;
import sluice.metrics.Stopwatch;
import sluice.openai.Usage;
import sluice.proxy.Patience;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.AnswerLengths;
import sluice.quota.Ending;
import sluice.quota.Reservation;
import sluice.quota.Spending;
import sluice.quota.Verdict;
import sluice.schedule.Call;
import sluice.schedule.Capacity;
import sluice.schedule.Decision;
import sluice.schedule.Need;
import sluice.schedule.Permit;
import sluice.schedule.Place;
import sluice.tenancy.Tenancy;

/**
 * What the model calls of one WebSocket take: a request, money and tokens of the tenant, and a permit of the account the
 * socket leads to. Several may wait for permits side by side.
 */
final class Funding {

    /** The socket is already open, and leads to one account. */
    private record OpenSocket(Capacity end) implements Call.Routes {

        @Override
        public boolean allows(Capacity account) {
            return account.name().equals(end.name());
        }

        @Override
        public boolean connect(Capacity account) {
            return true;
        }
    }

    private final Vertx vertx;
    private final Means means;
    private final Tenancy tenancy;
    private final String tags;
    private final Stopwatch times;
    private final LiveAccount account;
    private final Patience patience;
    private final Set<Place> waiting = new HashSet<>();
    private boolean closed;

    Funding(Vertx vertx, Means means, Spoken spoken, LiveAccount account, Patience patience) {
        this.vertx = vertx;
        this.means = means;
        this.tenancy = spoken.tenancy();
        this.tags = spoken.tags();
        this.times = spoken.times();
        this.account = account;
        this.patience = patience;
    }

    /**
     * Takes what a message needs, or fails with a {@link Refusal} and takes nothing.
     *
     * @param input the tokens of the message, as estimated
     */
    Future<ModelRun> take(ModelRun.Asked asked, Need need, AnswerLengths.Expected expected, long input) {
        Stopwatch since = new Stopwatch(means.time());
        return tenancy.quota().takeRequest().compose(Funding::granted)
                .compose(reservation -> whileUnsent(reservation, () -> means.purse()
                        .reserve(tenancy.spending(), tags, need.model(), need.tier(),
                                new Usage(input, expected.output(), 0))
                        .compose(hold -> whileUnpaid(hold,
                                () -> tenancy.quota().takeTokens(need.model(), "", expected.tokens(), need.tokens())
                                        .compose(Funding::granted)
                                        .compose(tokens -> permit(need, reservation, tokens, since))
                                        .compose(permit -> sent(new ModelRun(permit,
                                                new ModelRun.Reserved(reservation, expected, hold), input, asked,
                                                since)))))));
    }

    /** Charges a call the upstream made by itself: the next one waits for it. */
    ModelRun charge(ModelRun.Asked asked, Need need) {
        AnswerLengths.Expected expected = means.lengths().expected(need.tenant(), need.model(), 0, need.tokens());
        Reservation reservation = tenancy.quota().charge(need.model(), expected.tokens());
        return new ModelRun(means.scheduler().charge(call(need), account),
                new ModelRun.Reserved(reservation, expected, tenancy.spending().open(tags)), 0, asked,
                new Stopwatch(means.time()));
    }

    /** Returns the money of a message that is not sent. */
    private static Future<ModelRun> whileUnpaid(Spending.Hold hold, Supplier<Future<ModelRun>> send) {
        return Stage.begun(send).onFailure(unsent -> hold.close(0));
    }

    private static Future<Reservation> granted(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Granted(var reservation) -> Future.succeededFuture(reservation);
            case Verdict.Refused refused -> Refusal.of(new Reason.LimitReached(refused));
        };
    }

    /** Returns what a message has taken if it is not sent. */
    private static Future<ModelRun> whileUnsent(Reservation reservation, Supplier<Future<ModelRun>> send) {
        return Stage.begun(send).onFailure(unsent -> reservation.close(Ending.NOT_SENT));
    }

    private Future<Permit> permit(Need need, Reservation reservation, Reservation tokens, Stopwatch since) {
        reservation.join(tokens);
        if (closed) {
            return Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        }
        Place place = means.scheduler().ask(call(need));
        waiting.add(place);
        return place.outcome().onComplete(over -> waiting.remove(place)).compose(outcome -> switch (outcome) {
            case Decision.Granted granted -> {
                times.waited(granted.waitNanos());
                since.waited(granted.waitNanos());
                yield Future.succeededFuture(granted.permit());
            }
            case Decision.Denied denied -> Refusal.of(new Reason.NoPermit(denied));
            case Decision.Left() -> Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
        });
    }

    private Call call(Need need) {
        Context loop = vertx.getOrCreateContext();
        return new Call(tenancy.share(), need, patience.lane(), new OpenSocket(account),
                means.time().nanos() + patience.waitNanos(), false, task -> loop.runOnContext(now -> task.run()));
    }

    private Future<ModelRun> sent(ModelRun run) {
        return run.send(closed)
                ? Future.succeededFuture(run)
                : Refusal.of(new Reason.ClientGone(Ending.NOT_SENT));
    }

    /** Sends nothing more, and drops what waits. */
    void close() {
        closed = true;
        List.copyOf(waiting).forEach(Place::leave);
    }
}
