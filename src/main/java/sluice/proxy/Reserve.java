package sluice.proxy;

import io.vertx.core.Future;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.openai.TokenEstimate;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Exchange.Miss;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.AnswerLengths;
import sluice.quota.Verdict;

/** Takes the tokens that the call is expected to use, and what its model's limits count, from all limits or from none. */
public final class Reserve implements Stage<Miss, Funded> {
    private final AnswerLengths lengths;

    public Reserve(AnswerLengths lengths) {
        this.lengths = lengths;
    }

    @Override
    public Future<Funded> apply(Miss miss) {
        Endpoint endpoint = miss.endpoint();
        Envelope envelope = miss.envelope();
        long input = TokenEstimate.input(endpoint, envelope);
        long most = TokenEstimate.of(endpoint, envelope);
        AnswerLengths.Expected expected = lengths.expected(miss.tenant(), miss.model(), input, most - input);
        return miss.tenancy().quota().takeTokens(miss.model(), expected.tokens(), most)
                .compose(verdict -> switch (verdict) {
                    case Verdict.Granted(var reservation) ->
                        Future.succeededFuture(new Funded(miss, reservation, input, most, expected));
                    case Verdict.Refused refused -> Refusal.of(new Reason.LimitReached(refused));
                });
    }
}
