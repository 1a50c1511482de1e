package sluice.metrics;

import sluice.price.Cost;

/**
 * Records what is over, once: each call, and of a WebSocket also each of its answers, which are model calls of their
 * own. Works out what it cost, and counts it in the meters.
 */
public final class Recorder {
    private final Tariff tariff;
    private final GatewayMeters meters;

    public Recorder(Tariff tariff, GatewayMeters meters) {
        this.tariff = tariff;
        this.meters = meters;
    }

    /** A call is over. */
    public Spent call(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times,
                facts.usageCounted() ? Cost.NOTHING : tariff.cost(facts, told.use()));
        meters.record(spent);
        return spent;
    }

    /** An answer of a WebSocket is over; its origin has an id of its own. */
    public Spent answer(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times, tariff.cost(facts, told.use()));
        meters.used(spent);
        return spent;
    }
}
