package sluice.metrics;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sluice.openai.Served;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.price.Prices;

/**
 * Records what is over, once: each call, and of a WebSocket also each of its answers, which are model calls of their
 * own. Works out what it cost, counts it in the meters, and hands it to the ledger.
 */
public final class Recorder {
    /** Keeps nothing. */
    public static final Consumer<Spent> NO_LEDGER = spent -> {};

    private final GatewayMeters meters;
    private final Consumer<Spent> ledger;
    private volatile Prices prices;

    /** @param ledger keeps what is over; called on event loops, which it must not hold up */
    public Recorder(Prices prices, GatewayMeters meters, Consumer<Spent> ledger) {
        this.prices = prices;
        this.meters = meters;
        this.ledger = ledger;
    }

    /** What is over from now on is priced by these. */
    public void change(Prices changed) {
        prices = changed;
    }

    /** A call is over. */
    public Spent call(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times, facts.usageCounted() ? Cost.NOTHING : cost(facts, told),
                saved(facts));
        meters.record(spent);
        ledger.accept(spent);
        return spent;
    }

    /** An answer of a WebSocket is over; its origin has an id of its own. */
    public Spent answer(Origin origin, Facts facts, Spent.Told told, Spent.Times times) {
        Spent spent = new Spent(origin, facts, told, times, cost(facts, told), Cost.NOTHING);
        meters.used(spent);
        ledger.accept(spent);
        return spent;
    }

    /** By the model and the tier that the answer names; if it names none, by those that were asked for. */
    private Cost cost(Facts facts, Spent.Told told) {
        ModelUse use = told.use();
        if (use instanceof ModelUse.Nothing) {
            return Cost.NOTHING;
        }
        return cost(facts, use.model(), use.serviceTier(), use.usage());
    }

    private Cost saved(Facts facts) {
        Served saved = facts.saved();
        return saved.usage() == null
                ? Cost.NOTHING
                : cost(facts, saved.model(), saved.serviceTier(), saved.usage());
    }

    private Cost cost(Facts facts, String model, String tier, @Nullable Usage usage) {
        return prices.cost(model.isEmpty() ? facts.model() : model, tier.isEmpty() ? facts.serviceTier() : tier, usage);
    }
}
