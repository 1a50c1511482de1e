package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import sluice.cache.AnswerCache;
import sluice.cache.CachedAnswer;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Hit;
import sluice.quota.Ending;

/** Answers from the cache. */
public final class Replay implements Stage<Hit, Answer> {
    private final GatewayHeaders gatewayHeaders;
    private final AnswerCache cache;

    /** @param cache says whether hits count; if they do not, their requests are given back */
    public Replay(GatewayHeaders gatewayHeaders, AnswerCache cache) {
        this.gatewayHeaders = gatewayHeaders;
        this.cache = cache;
    }

    @Override
    public Future<Answer> apply(Hit hit) {
        HttpServerResponse response = hit.arrival().response();
        CachedAnswer answer = hit.found().answer();
        answer.headers().forEach(header -> response.putHeader(header.getKey(), header.getValue()));
        response.putHeader("age", Long.toString(hit.found().ageSeconds()));
        response.putHeader("x-request-id", "req_" + hit.arrival().origin().id());
        gatewayHeaders.add(response, hit);
        response.end(answer.body());
        Spent.Told told = new Spent.Told(200, Outcome.ANSWERED, "", answer.body().length(), ModelUse.nothing());
        return Future.succeededFuture(new Answer(hit, told,
                cache.settings().hitsCount() ? Ending.AS_RESERVED : Ending.NOT_SENT));
    }
}
