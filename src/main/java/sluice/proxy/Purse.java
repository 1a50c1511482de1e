package sluice.proxy;

import io.vertx.core.Future;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import sluice.metrics.Facts;
import sluice.metrics.ModelUse;
import sluice.metrics.Tariff;
import sluice.openai.Usage;
import sluice.price.Cost;
import sluice.price.Unpriced;
import sluice.proxy.refusal.Reason;
import sluice.proxy.refusal.Refusal;
import sluice.quota.Spending;
import sluice.quota.Spendings;

/**
 * Reserves of a tenant's budgets what a call is expected to cost, and says what it did cost.
 *
 * @param unpriced what happens to calls without a price
 */
public record Purse(Tariff tariff, Unpriced unpriced) {

    /**
     * Reserves what a call is expected to cost.
     *
     * @param tags     of the call
     * @param expected what it is expected to use; null if that cannot be known
     */
    public Future<Spending.Hold> reserve(Spendings spending, String tags, String model, String tier,
            @Nullable Usage expected) {
        if (!spending.isLimited(tags)) {
            return Future.succeededFuture(spending.open(tags));
        }
        OptionalLong amount = amount(model, tier, expected);
        if (amount.isEmpty()) {
            return Refusal.of(new Reason.ModelNotPriced(model));
        }
        return spending.take(tags, amount.getAsLong()).compose(answer -> switch (answer) {
            case Spending.Answer.Granted(var hold) -> Future.succeededFuture(hold);
            case Spending.Answer.Refused refused -> Refusal.of(new Reason.BudgetSpent(refused));
        });
    }

    /** Empty if a call without a price is refused. What is not known in advance is settled afterwards. */
    private OptionalLong amount(String model, String tier, @Nullable Usage expected) {
        if (tariff.prices().cost(model, tier, expected) instanceof Cost.Priced priced) {
            return OptionalLong.of(priced.picodollars());
        }
        // A tier that the model lacks is served, and priced, as the default one.
        if (tariff.prices().cost(model, "", expected) instanceof Cost.Priced priced) {
            return OptionalLong.of(priced.picodollars());
        }
        if (model.isEmpty() || (expected == null && tariff.prices().has(model))) {
            return OptionalLong.of(0);
        }
        return switch (unpriced) {
            case REFUSE -> OptionalLong.empty();
            case DEAREST -> OptionalLong.of(tariff.prices().dearest(expected));
            case FREE -> OptionalLong.of(0);
        };
    }

    /** What a call has cost its tenant's budgets, in picodollars. */
    public long cost(Facts facts, ModelUse use) {
        return switch (tariff.cost(facts, use)) {
            case Cost.Priced priced -> priced.picodollars();
            case Cost.Unpriced() -> unpriced(facts, use);
            case Cost.Nothing() -> 0;
        };
    }

    /**
     * What a call without a price costs budgets: as it was reserved, at the default tier, of the model that answered
     * or else of the one that was asked for. Where neither has a price, the upstream has chosen the model.
     */
    private long unpriced(Facts facts, ModelUse use) {
        for (String model : List.of(use.model(), facts.model())) {
            if (tariff.prices().cost(model, "", use.usage()) instanceof Cost.Priced priced) {
                return priced.picodollars();
            }
        }
        return unpriced == Unpriced.FREE ? 0 : tariff.prices().dearest(use.usage());
    }
}
