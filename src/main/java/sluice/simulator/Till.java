package sluice.simulator;

import sluice.simulator.answers.Cost;
import sluice.simulator.wire.ApiError;
import sluice.simulator.wire.BadCall;
import sluice.time.Time;

/** Charges calls against the limits of their accounts, and records which were accepted. */
final class Till {
    private final Statistics statistics;
    private final Time time;

    Till(Statistics statistics, Time time) {
        this.statistics = statistics;
        this.time = time;
    }

    /** Throws {@link BadCall} for a model that does not exist. */
    Quotas.Decision charge(Cost cost, Accounts.Member member) {
        if (!cost.model().isEmpty() && !member.models().test(cost.model())) {
            throw new BadCall(ApiError.unknownModel(cost.model()));
        }
        long now = time.nanos();
        Quotas.Decision decision = member.quotas().decide(cost.model(), cost.tokensCharged(), now);
        if (decision instanceof Quotas.Granted) {
            statistics.accept(member.account().name(), now);
        }
        return decision;
    }
}
