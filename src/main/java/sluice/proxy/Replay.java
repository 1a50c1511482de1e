package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.http.HttpServerResponse;
import sluice.cache.CachedAnswer;
import sluice.metrics.Journal;
import sluice.metrics.Journal.Outcome;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Hit;
import sluice.quota.Ending;

/** Answers from memory. */
public final class Replay implements Stage<Hit, Answer> {
    private final OurHeaders ours;
    private final boolean hitsCount;

    /** If hits do not count, their requests are given back. */
    public Replay(OurHeaders ours, boolean hitsCount) {
        this.ours = ours;
        this.hitsCount = hitsCount;
    }

    @Override
    public Future<Answer> apply(Hit hit) {
        HttpServerResponse response = hit.ask().arrival().response();
        CachedAnswer answer = hit.found().answer();
        answer.headers().forEach(header -> response.putHeader(header.getKey(), header.getValue()));
        response.putHeader("age", Long.toString(hit.found().ageSeconds()));
        response.putHeader("x-request-id", "req_" + hit.ask().arrival().journal().id);
        ours.add(response, hit.ask().arrival().journal(), hit.ask().tenancy());
        Journal journal = hit.ask().arrival().journal();
        journal.bytesOut = answer.body().length();
        response.end(answer.body());
        return Future.succeededFuture(
                new Answer(200, Outcome.ANSWERED, hitsCount ? Ending.AS_RESERVED : Ending.NOT_SENT));
    }
}
