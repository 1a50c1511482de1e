package sluice.metrics;

import sluice.price.Cost;
import sluice.price.Prices;

/**
 * Records what is over, once: each call, and of a WebSocket also each of its answers, which are model calls of their
 * own. Works out what it cost, and counts it in the meters.
 */
public final class Recorder {
    private final Prices prices;
    private final GatewayMeters meters;

    public Recorder(Prices prices, GatewayMeters meters) {
        this.prices = prices;
        this.meters = meters;
    }

    /** A call is over. */
    public Spent call(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times, facts.usageCounted() ? Cost.NOTHING : cost(facts, told));
        meters.record(spent);
        return spent;
    }

    /** An answer of a WebSocket is over; its origin has an id of its own. */
    public Spent answer(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times, cost(facts, told));
        meters.used(spent);
        return spent;
    }

    /** By the model and the tier that the answer names; if it names none, by those that were asked for. */
    private Cost cost(Facts facts, Spent.Told told) {
        ModelUse use = told.use();
        if (use instanceof ModelUse.Nothing) {
            return Cost.NOTHING;
        }
        return prices.cost(use.model().isEmpty() ? facts.model() : use.model(),
                use.serviceTier().isEmpty() ? facts.serviceTier() : use.serviceTier(), use.usage());
    }
}
