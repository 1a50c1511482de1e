package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import sluice.explain.Explainer;
import sluice.explain.Question;
import sluice.inbound.Discard;
import sluice.inbound.InboundResponse;
import sluice.metrics.ModelUse;
import sluice.metrics.Outcome;
import sluice.metrics.Spent;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Ask;
import sluice.proxy.Exchange.Found;
import sluice.quota.Ending;

/** Answers a call that asks to be explained: what would happen to it. It costs one request, and nothing is sent upstream. */
public final class Explain implements Stage<Found, Answer> {
    private static final long DISCARD_MILLIS = 2_000;

    private final Vertx vertx;
    private final Explainer explainer;
    private final GatewayHeaders gatewayHeaders;

    public Explain(Vertx vertx, Explainer explainer, GatewayHeaders gatewayHeaders) {
        this.vertx = vertx;
        this.explainer = explainer;
        this.gatewayHeaders = gatewayHeaders;
    }

    @Override
    public Future<Answer> apply(Found found) {
        Ask ask = found.ask();
        Question question = new Question(ask.tenancy(), ask.endpoint(), ask.envelope(), ask.model(), ask.user(),
                ask.tags(), ask.accounts(), found.cache(), ask.patience().waitNanos(), ask.patience().lane());
        Buffer body = explainer.explain(question, false).toBuffer();
        return new Discard(vertx, ask.request(), Discard.MOST_BYTES, DISCARD_MILLIS).run()
                .map(clean -> write(ask, body, clean));
    }

    /** Its request stays spent. The rest of an upload is not needed. */
    private Answer write(Ask ask, Buffer body, boolean clean) {
        InboundResponse response = ask.arrival().response();
        if (response.isClosed()) {
            return new Answer(ask, new Spent.Told(499, Outcome.CLIENT_GONE, "", 0, ModelUse.nothing()), Ending.NOT_RUN);
        }
        response.header(HttpHeaders.CONTENT_TYPE, "application/json");
        response.header(HttpHeaders.CACHE_CONTROL, "no-store");
        response.header("x-request-id", ask.origin().requestId());
        gatewayHeaders.add(response, ask);
        if (!clean) {
            response.closing();
        }
        response.end(body);
        return new Answer(ask, new Spent.Told(200, Outcome.ANSWERED, "", body.length(), ModelUse.nothing()),
                Ending.NOT_RUN);
    }
}
