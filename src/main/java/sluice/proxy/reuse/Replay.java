package sluice.proxy.reuse;

import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import sluice.cache.CachedAnswer;
import sluice.cache.Flight;
import sluice.cache.Source;
import sluice.inbound.InboundResponse;
import sluice.isolation.Bulkhead;
import sluice.isolation.Part;
import sluice.isolation.Room;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Found.Hit;
import sluice.proxy.Headers;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Ending;

/** Answers from the cache: small answers at once, large ones at the caller's pace. */
public final class Replay implements Stage<Hit, Answer> {
    /** The largest answer that is written at once, in bytes. */
    private static final int LARGEST_AT_ONCE = 64 * 1024;

    private final Reading.Surroundings around;
    private final Bulkhead copies;

    /**
     * Answers from a cache.
     *
     * @param around among other things the cache, which says whether hits count; if not, their requests are given back
     * @param copies memory for answers that are on their way to callers
     */
    public Replay(Reading.Surroundings around, Bulkhead copies) {
        this.around = around;
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
        return answer.body().length() > LARGEST_AT_ONCE
                ? read(hit, answer).onComplete(over -> copy.close())
                : Stage.begun(() -> write(hit, answer, copy)).onFailure(fault -> copy.close());
    }

    private Future<Answer> read(Hit hit, CachedAnswer answer) {
        List<Map.Entry<String, String>> headers = new ArrayList<>(answer.headers());
        headers.add(Map.entry("age", Long.toString(hit.found().ageSeconds())));
        Flight.Head head = new Flight.Head(headers, OptionalLong.of(answer.body().length()), false);
        return new Reading(around, hit, head, hit.repeats(), Source.of(answer.body()), nanos -> {}).run();
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
        around.gatewayHeaders().add(response, hit);
        response.end(answer.body()).onComplete(taken -> copy.close());
        Spent.Told told = new Spent.Told(200, Outcome.ANSWERED, "", answer.body().length(), ModelUse.nothing());
        return Future.succeededFuture(new Answer(hit, told,
                around.cache().settings().hitsCount() ? Ending.AS_RESERVED : Ending.NOT_SENT));
    }
}
