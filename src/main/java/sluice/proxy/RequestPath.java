package sluice.proxy;

import static io.vertx.core.Future.succeededFuture;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import sluice.openai.Endpoint;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Exchange.Found;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Exchange.Granted;
import sluice.proxy.Exchange.Hit;
import sluice.proxy.Exchange.Miss;
import sluice.proxy.Exchange.Opened;
import sluice.quota.Ending;

/**
 * The path of one request, first byte to last: read this file to know what the gateway does.
 *
 * <p>Each stage takes what is known so far and gives what is known next, so that a wrong order does not compile. What a
 * call has taken is given back by the {@code while…} methods, with the call's ending, and nowhere else.
 */
final class RequestPath {

    /** Every stage, in order. */
    record Stages(Stage<Arrival, Caller> authenticate, Stage<Caller, Admitted> admit, Stage<Admitted, Ask> understand,
            Stage<Ask, Found> lookUp, Stage<Hit, Answer> replay, Stage<Miss, Funded> reserve,
            Stage<Funded, Answer> listModels, Stage<Funded, Granted> schedule, Stage<Funded, Granted> pass,
            Stage<Granted, Opened> forward, Stage<Opened, Answer> relay, Stage<Admitted, Answer> converse) {}

    private final Stages stages;
    private final Refuse refuse;

    RequestPath(Stages stages, Refuse refuse) {
        this.stages = stages;
        this.refuse = refuse;
    }

    /** Answers a call on a route that is served. Never fails. */
    Future<Answer> take(Arrival arrival) {
        return succeededFuture(arrival)
                .compose(stages.authenticate()::apply)
                .compose(this::whileKnown)
                .recover(failure -> refuse.apply(arrival.request(), arrival.journal(), null, failure));
    }

    private Future<Answer> whileKnown(Caller caller) {
        Arrival arrival = caller.arrival();
        return succeededFuture(caller)
                .compose(stages.admit()::apply)
                .compose(this::whileAdmitted)
                .recover(failure -> refuse.apply(arrival.request(), arrival.journal(), caller.tenancy(), failure));
    }

    private Future<Answer> whileAdmitted(Admitted admitted) {
        return succeededFuture(admitted)
                .compose(admitted.endpoint().socket() ? stages.converse()::apply : this::understood)
                .onComplete(done -> admitted.close(ending(done)));
    }

    private Future<Answer> understood(Admitted admitted) {
        return succeededFuture(admitted).compose(stages.understand()::apply).compose(this::whileHeld);
    }

    private Future<Answer> whileHeld(Ask ask) {
        return succeededFuture(ask)
                .compose(stages.lookUp()::apply)
                .compose(found -> switch (found) {
                    case Hit hit -> stages.replay().apply(hit);
                    case Miss miss -> stages.reserve().apply(miss).compose(this::whileFunded);
                })
                .onComplete(done -> ask.body().release());
    }

    private Future<Answer> whileFunded(Funded funded) {
        boolean list = funded.arrival().endpoint() == Endpoint.MODELS;
        return succeededFuture(funded)
                .compose(list ? stages.listModels()::apply : this::exchange)
                .onComplete(done -> funded.reservation().close(ending(done)));
    }

    private Future<Answer> exchange(Funded funded) {
        return succeededFuture(funded)
                .compose(funded.arrival().endpoint().needsPermit() ? stages.schedule()::apply : stages.pass()::apply)
                .compose(stages.forward()::apply)
                .compose(stages.relay()::apply);
    }

    private static Ending ending(AsyncResult<Answer> done) {
        return done.succeeded() ? done.result().ending() : Wording.of(Refusal.reasonOf(done.cause())).ending();
    }
}
