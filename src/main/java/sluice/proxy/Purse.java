package sluice.proxy;

import io.vertx.core.Future;
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
 * @param unpriced what becomes of calls without a price
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

    /** Empty if a call without this price may not be made. What cannot be known before is settled afterwards. */
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
            case Cost.Unpriced() -> unpriced == Unpriced.DEAREST ? tariff.prices().dearest(use.usage()) : 0;
            case Cost.Nothing() -> 0;
        };
    }
}
