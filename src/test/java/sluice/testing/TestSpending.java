package sluice.testing;

import java.time.ZoneOffset;
import java.util.Map;
import java.util.Optional;
import sluice.quota.Outstanding;
import sluice.quota.Spending;
import sluice.quota.Spendings;
import sluice.time.Time;

/** What tenants of tests spend. */
public final class TestSpending {
    private TestSpending() {}

    /** For a tenant without budgets. */
    public static Spendings unlimited(Outstanding outstanding, Time time) {
        return new Spendings(
                new Spending("", new Spending.Rules(ZoneOffset.UTC, 1), period -> 0, new Spending.Observer() {
                    @Override
                    public void decided(String budget, boolean granted) {
                        // There is no budget.
                    }

                    @Override
                    public void nearlySpent(String budget) {
                        // There is no budget.
                    }
                }, outstanding, time, Optional.empty()), Map.of());
    }
}
