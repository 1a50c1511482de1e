package sluice.proxy;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import sluice.explain.Explainer;
import sluice.explain.Question;
import sluice.inbound.InboundRequest;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.Ask;

/** Answers a call that asks to be explained: what would happen to it. It costs one request, and nothing is sent upstream. */
public final class Explain implements Stage<Found, Answer> {
    private static final String HEADER = "x-sluice-explain";

    private final Explainer explainer;
    private final OwnAnswer own;

    public Explain(Vertx vertx, Explainer explainer, GatewayHeaders gatewayHeaders) {
        this.explainer = explainer;
        this.own = new OwnAnswer(vertx, gatewayHeaders);
    }

    /** Whether a call asks to be explained rather than made. */
    public static boolean isAsked(InboundRequest request) throws Patience.Unclear {
        return switch (request.header(HEADER)) {
            case "1", "true" -> true;
            case "0", "false" -> false;
            case null -> false;
            default -> throw new Patience.Unclear(HEADER, "1 to have the call explained, or leave it out");
        };
    }

    @Override
    public Future<Answer> apply(Found found) {
        Ask ask = found.ask();
        Question question = new Question(ask.tenancy(), ask.endpoint(), ask.envelope(), ask.model(), ask.user(),
                ask.tags(), ask.accounts(),
                new Question.Caching(found.cache(), found.key(), ask.caching(), ask.cacheControl()),
                ask.patience().waitNanos(), ask.patience().lane());
        return own.give(ask, "application/json", explainer.explain(question, false).toBuffer());
    }
}
