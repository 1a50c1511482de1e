package sluice.metrics;

import java.util.function.Consumer;
import sluice.price.Cost;

/**
 * Records each finished thing once: each call, and of a WebSocket also each of its answers, which are model calls of
 * their own. Works out what it cost, counts it in the meters, and hands it to the ledger.
 */
public final class Recorder {
    /** Keeps nothing. */
    public static final Consumer<Spent> NO_LEDGER = spent -> {};

    private final Tariff tariff;
    private final GatewayMeters meters;
    private final Consumer<Spent> ledger;

    /** @param ledger keeps finished calls; called on event loops, which it must not block */
    public Recorder(Tariff tariff, GatewayMeters meters, Consumer<Spent> ledger) {
        this.tariff = tariff;
        this.meters = meters;
        this.ledger = ledger;
    }

    /** A call is over. */
    public Spent call(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times,
                facts.usageCounted() ? Cost.NOTHING : tariff.cost(facts, told.use()), tariff.saved(facts));
        meters.record(spent);
        ledger.accept(spent);
        return spent;
    }

    /** An answer of a WebSocket is over; its origin has an id of its own. */
    public Spent answer(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times, tariff.cost(facts, told.use()), Cost.NOTHING);
        meters.used(spent);
        ledger.accept(spent);
        return spent;
    }
}
