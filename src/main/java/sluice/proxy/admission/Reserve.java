package sluice.proxy.admission;

import io.vertx.core.Future;
import sluice.metrics.ModelUse;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.openai.Served;
import sluice.openai.TokenEstimate;
import sluice.proxy.Exchange.Funded;
import sluice.proxy.Found.Miss;
import sluice.proxy.Paid;
import sluice.proxy.Purse;
import sluice.proxy.Serving;
import sluice.proxy.Stage;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Reason.ModelNotServed.Bound;
import sluice.proxy.refusal.Refusal;
import sluice.quota.AnswerLengths;
import sluice.quota.Spending;
import sluice.quota.Spendings;
import sluice.quota.Verdict;

/**
 * Takes what the call is expected to use: money of its tenant's budgets, tokens, and what its model's limits count; from
 * all of them or from none. A call whose model no account serves takes nothing.
 */
public final class Reserve implements Stage<Miss, Funded> {
    private final AnswerLengths lengths;
    private final Purse purse;
    private final Serving serving;

    public Reserve(AnswerLengths lengths, Purse purse, Serving serving) {
        this.lengths = lengths;
        this.purse = purse;
        this.serving = serving;
    }

    @Override
    public Future<Funded> apply(Miss miss) {
        Endpoint endpoint = miss.endpoint();
        if (endpoint.needsPermit() && !serving.has(miss)) {
            return Refusal.of(new Reason.ModelNotServed(miss.model(),
                    serving.hasForOthers(miss) ? Bound.OBJECTS : Bound.NOTHING));
        }
        Envelope envelope = miss.envelope();
        long input = TokenEstimate.input(endpoint, envelope);
        long most = TokenEstimate.of(endpoint, envelope);
        AnswerLengths.Expected expected = lengths.expected(miss.tenant(), miss.model(), input, most - input);
        Future<Spending.Hold> money = money(miss, miss.used(Served.UNTOLD, input, expected.output()));
        return Stage.then(money, hold -> {
            Future<Verdict> tokens = miss.tenancy().quota()
                    .takeTokens(miss.model(), miss.user(), expected.tokens(), most);
            return Stage.then(tokens, verdict -> switch (verdict) {
                case Verdict.Granted(var reservation) -> Future.succeededFuture(
                        new Funded(miss, reservation, input, most, expected, new Paid(purse, hold)));
                case Verdict.Refused refused -> Refusal.<Funded>of(new Reason.LimitReached(refused));
            }).onFailure(unfunded -> hold.close(0));
        });
    }

    private Future<Spending.Hold> money(Miss miss, ModelUse expected) {
        Spendings spending = miss.tenancy().spending();
        boolean free = !miss.endpoint().needsPermit() || miss.endpoint() == Endpoint.RESPONSES_INPUT_TOKENS;
        return free
                ? Future.succeededFuture(spending.open(miss.tags()))
                : purse.reserve(spending, miss.tags(), miss.model(), miss.serviceTier(), expected.usage());
    }
}
