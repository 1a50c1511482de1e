package sluice.metrics;

import sluice.price.Cost;
import sluice.price.Prices;

/** Works out what calls cost, by the model and the tier that the answer names, or else by those that were asked for. */
public record Tariff(Prices prices) {

    /** What a call cost. */
    public Cost cost(Facts facts, ModelUse use) {
        return use instanceof ModelUse.Nothing
                ? Cost.NOTHING
                : prices.cost(use.model().isEmpty() ? facts.model() : use.model(),
                        use.serviceTier().isEmpty() ? facts.serviceTier() : use.serviceTier(), use.usage());
    }
}
