package sluice.proxy.reuse;

import io.vertx.core.Future;
import sluice.cache.AnswerCache;
import sluice.cache.CachedAnswer;
import sluice.inbound.InboundResponse;
import sluice.isolation.Bulkhead;
import sluice.isolation.Part;
import sluice.isolation.Room;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Found.Hit;
import sluice.proxy.GatewayHeaders;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;

/** Answers from the cache. */
public final class Replay implements Stage<Hit, Answer> {
    private final GatewayHeaders gatewayHeaders;
    private final AnswerCache cache;
    private final Bulkhead copies;

    /**
     * Answers from a cache.
     *
     * @param cache  says whether hits count; if they do not, their requests are given back
     * @param copies memory for answers that are on their way to callers
     */
    public Replay(GatewayHeaders gatewayHeaders, AnswerCache cache, Bulkhead copies) {
        this.gatewayHeaders = gatewayHeaders;
        this.cache = cache;
        this.copies = copies;
    }

    @Override
    public Future<Answer> apply(Hit hit) {
        CachedAnswer answer = hit.found().answer();
        Part copy = copies.part(hit.tenancy().holder());
        Room room = copy.take(answer.body().length());
        if (!room.given()) {
            return Refusal.of(new Reason.Overloaded(Reason.Overloaded.ANSWERS, room));
        }
        return Stage.begun(() -> write(hit, answer, copy)).onFailure(fault -> copy.close());
    }

    /** The copy's memory is held until the caller has received the answer. */
    private Future<Answer> write(Hit hit, CachedAnswer answer, Part copy) {
        InboundResponse response = hit.arrival().response();
        answer.headers().forEach(header -> response.header(header.getKey(), header.getValue()));
        response.header("age", Long.toString(hit.found().ageSeconds()));
        if (hit.repeats()) {
            response.header(Headers.REPLAYED, "true");
        }
        response.header("x-request-id", hit.origin().requestId());
        gatewayHeaders.add(response, hit);
        response.end(answer.body()).onComplete(taken -> copy.close());
        Spent.Told told = new Spent.Told(200, Outcome.ANSWERED, "", answer.body().length(), ModelUse.nothing());
        return Future.succeededFuture(new Answer(hit, told,
                cache.settings().hitsCount() ? Ending.AS_RESERVED : Ending.NOT_SENT));
    }
}
