package sluice.proxy;

import static sluice.proxy.Stage.otherwise;
import static sluice.proxy.Stage.then;

import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.openai.Endpoint;
import sluice.proxy.Attempt.Connected;
import sluice.proxy.Attempt.Failed;
import sluice.proxy.Attempt.Granted;
import sluice.proxy.Attempt.Opened;
import sluice.proxy.Exchange.Admitted;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Arrival;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Caller;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Found.Hit;
import sluice.proxy.Found.Joined;
import sluice.proxy.Found.Miss;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;

/**
 * The path of one request, first byte to last: read this file to know what the gateway does.
 *
 * <p>Each stage takes what is known so far and returns what is known next, so that a wrong order does not compile. A
 * stage that fails keeps nothing. What a stage hands on has an owner here: a {@code while…} method, which alone
 * releases it when the call is over, however it ends.
 */
public final class RequestPath {

    /** Every stage, in order. */
    public record Stages(Stage<Arrival, Caller> authenticate, Stage<Caller, Admitted> admit,
            Stage<Admitted, Ask> understand, Stage<Ask, Ask> checkOwner,
            Stage<Ask, Found> lookUp, Stage<Hit, Answer> replay, Stage<Miss, Found> join,
            Stage<Joined, Answer> follow, Stage<Miss, Funded> reserve,
            Stage<Funded, Granted> schedule, Stage<Funded, Granted> withoutPermit, Stage<Granted, Connected> connect,
            Stage<Connected, Opened> forward, Stage<Opened, Answer> relay, Stage<Opened, Answer> listModels,
            Stage<Opened, Answer> listObjects, Stage<Failed, Granted> tryAgain, Stage<Admitted, Answer> converse,
            Stage<Admitted, Answer> report,
            Stage<Found, Answer> explain) {}

    private static final Logger LOG = LoggerFactory.getLogger(RequestPath.class);

    private final Stages stages;
    private final Refuse refuse;

    public RequestPath(Stages stages, Refuse refuse) {
        this.stages = stages;
        this.refuse = refuse;
    }

    /** Answers a call on a route that is served. Never fails. */
    public Future<Answer> take(Arrival arrival) {
        Future<Answer> answer = then(stages.authenticate().run(arrival), this::whileKnown);
        Future<Answer> told = otherwise(answer, failure -> refuse.apply(arrival, failure));
        return otherwise(told, fault -> lost(arrival, fault));
    }

    private Future<Answer> whileKnown(Caller caller) {
        Future<Answer> answer = then(stages.admit().run(caller), this::whileAdmitted);
        return otherwise(answer, failure -> refuse.apply(caller, failure));
    }

    /** Owns its request and its place among the calls in flight. */
    private Future<Answer> whileAdmitted(Admitted admitted) {
        return after(answer(admitted), admitted, done -> admitted.close(ending(done)));
    }

    private Future<Answer> answer(Admitted admitted) {
        Endpoint endpoint = admitted.endpoint();
        if (endpoint.own()) {
            return stages.report().run(admitted);
        }
        return endpoint.socket()
                ? stages.converse().run(admitted)
                : then(stages.understand().run(admitted), this::whileHeld);
    }

    /** Owns its body in memory. */
    private Future<Answer> whileHeld(Ask ask) {
        Future<Found> looked = then(stages.checkOwner().run(ask), stages.lookUp()::run);
        Future<Answer> answer = then(looked,
                found -> ask.explained() ? stages.explain().run(found) : whileFound(found));
        return after(answer, ask, done -> ask.body().release());
    }

    private Future<Answer> whileFound(Found found) {
        return switch (found) {
            case Hit hit -> stages.replay().apply(hit);
            case Miss miss -> otherwise(then(stages.join().run(miss), this::whileJoined),
                    failure -> Future.failedFuture(Refusal.known(failure, miss)));
            case Joined joined -> whileJoined(joined);
        };
    }

    /** Owns its part in an answer that several calls may share: it makes that answer, or follows it. */
    private Future<Answer> whileJoined(Found found) {
        return switch (found) {
            case Hit hit -> stages.replay().apply(hit);
            case Joined joined -> after(stages.follow().run(joined), joined, done -> joined.follower().leave());
            case Miss miss -> after(then(stages.reserve().run(miss), this::whileFunded), miss, done -> miss.close());
        };
    }

    /** Owns its tokens. */
    private Future<Answer> whileFunded(Funded funded) {
        boolean permit = funded.endpoint().needsPermit();
        Stage<Funded, Granted> schedule = permit ? stages.schedule() : stages.withoutPermit();
        Future<Answer> answer = then(schedule.run(funded), this::whileGranted);
        return after(answer, funded, done -> funded.close(ending(done), done.result()));
    }

    /** Owns a permit and a connection of an account, for one attempt; if that fails, another may follow. */
    private Future<Answer> whileGranted(Granted granted) {
        Future<Answer> answer = then(stages.connect().run(granted), this::whileConnected);
        Future<Answer> attempt = after(answer, granted, done -> granted.close(ending(done), done.cause()));
        return otherwise(attempt, failure -> whileFailed(new Failed(granted, failure)));
    }

    /** Owns nothing but the right to another attempt. */
    private Future<Answer> whileFailed(Failed failed) {
        Future<Granted> again = otherwise(stages.tryAgain().run(failed),
                failure -> Future.failedFuture(Refusal.known(failure, failed)));
        return then(again, this::whileGranted);
    }

    /** Owns a request to the upstream, and its answer. */
    private Future<Answer> whileConnected(Connected connected) {
        Future<Answer> answer = then(stages.forward().run(connected), opened -> answering(opened).apply(opened));
        Future<Answer> judged = otherwise(answer,
                failure -> Future.failedFuture(Refusal.refusal(failure, connected.call().whole())));
        return after(judged, connected, done -> connected.call().close());
    }

    private Stage<Opened, Answer> answering(Opened opened) {
        if (opened.endpoint() == Endpoint.MODELS) {
            return stages.listModels();
        }
        return opened.listsOwned() ? stages.listObjects() : stages.relay();
    }

    /** Releases what a finished call holds. That must not fail; if it does, the failure stops here. */
    private static Future<Answer> after(Future<Answer> answer, Facts known, Consumer<AsyncResult<Answer>> giveBack) {
        return answer.isComplete()
                ? over(answer, known, giveBack)
                : answer.transform(done -> over(answer, known, giveBack));
    }

    private static Future<Answer> over(Future<Answer> done, Facts known, Consumer<AsyncResult<Answer>> giveBack) {
        try {
            giveBack.accept(done);
        } catch (RuntimeException fault) {
            LOG.error("failed to release what a call held", fault);
        }
        return done.succeeded() ? done : Future.failedFuture(Refusal.known(done.cause(), known));
    }

    private static Ending ending(AsyncResult<Answer> done) {
        return done.succeeded() ? done.result().ending() : Refusal.responseOf(done.cause()).ending();
    }

    /** Not even the refusal could be written. */
    private static Future<Answer> lost(Arrival arrival, Throwable fault) {
        LOG.error("call {} could not be answered", arrival.origin().id(), fault);
        arrival.response().cancel();
        return Future.succeededFuture(
                new Answer(arrival, new Spent.Told(500, Outcome.GATEWAY, "", 0, ModelUse.nothing()), Ending.NOT_SENT));
    }
}
