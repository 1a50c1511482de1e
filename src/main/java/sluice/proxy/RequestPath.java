package sluice.proxy;

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
        return stages.authenticate().run(arrival)
                .compose(this::whileKnown)
                .recover(failure -> refuse.apply(arrival.request(), arrival.journal(), null, failure));
    }

    private Future<Answer> whileKnown(Caller caller) {
        Arrival arrival = caller.arrival();
        return stages.admit().run(caller)
                .compose(this::whileAdmitted)
                .recover(failure -> refuse.apply(arrival.request(), arrival.journal(), caller.tenancy(), failure));
    }

    private Future<Answer> whileAdmitted(Admitted admitted) {
        return (admitted.endpoint().socket() ? stages.converse().run(admitted) : understood(admitted))
                .onComplete(done -> admitted.close(ending(done)));
    }

    private Future<Answer> understood(Admitted admitted) {
        return stages.understand().run(admitted).compose(this::whileHeld);
    }

    private Future<Answer> whileHeld(Ask ask) {
        return stages.lookUp().run(ask)
                .compose(found -> switch (found) {
                    case Hit hit -> stages.replay().apply(hit);
                    case Miss miss -> stages.reserve().apply(miss).compose(this::whileFunded);
                })
                .onComplete(done -> ask.body().release());
    }

    private Future<Answer> whileFunded(Funded funded) {
        boolean list = funded.arrival().endpoint() == Endpoint.MODELS;
        return (list ? stages.listModels().run(funded) : exchange(funded))
                .onComplete(done -> funded.reservation().close(ending(done)));
    }

    private Future<Answer> exchange(Funded funded) {
        boolean permit = funded.arrival().endpoint().needsPermit();
        return (permit ? stages.schedule() : stages.pass()).run(funded)
                .compose(stages.forward()::apply)
                .compose(stages.relay()::apply);
    }

    private static Ending ending(AsyncResult<Answer> done) {
        return done.succeeded() ? done.result().ending() : Wording.of(Refusal.reasonOf(done.cause())).ending();
    }
}
