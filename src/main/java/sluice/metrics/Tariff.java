package sluice.metrics;

import org.jspecify.annotations.Nullable;
import sluice.openai.Served;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.price.Prices;

/** Works out what calls cost, by the model and the tier that the answer names, or else by those that were asked for. */
public final class Tariff {
    private volatile Prices prices;

    public Tariff(Prices prices) {
        this.prices = prices;
    }

    /** Uses these prices from now on. */
    public void change(Prices changed) {
        prices = changed;
    }

    /** The prices in effect. */
    public Prices prices() {
        return prices;
    }

    /** What a call cost. */
    public Cost cost(Facts facts, ModelUse use) {
        return use instanceof ModelUse.Nothing
                ? Cost.NOTHING
                : cost(facts, use.model(), use.serviceTier(), use.usage());
    }

    /** What an answer from the cache would have cost. */
    Cost saved(Facts facts) {
        Served saved = facts.saved();
        return saved.usage() == null
                ? Cost.NOTHING
                : cost(facts, saved.model(), saved.serviceTier(), saved.usage());
    }

    private Cost cost(Facts facts, String model, String tier, @Nullable Usage usage) {
        return prices.cost(model.isEmpty() ? facts.model() : model, tier.isEmpty() ? facts.serviceTier() : tier, usage);
    }
}
