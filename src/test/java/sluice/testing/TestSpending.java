package sluice.testing;

import java.time.ZoneOffset;
import java.util.Optional;
import sluice.quota.Budget;
import sluice.quota.Outstanding;
import sluice.quota.Spending;
import sluice.time.Time;

/** What tenants of tests spend. */
public final class TestSpending {
    private TestSpending() {}

    /** Of a tenant without budgets. */
    public static Spending unlimited(Outstanding outstanding, Time time) {
        return new Spending(new Spending.Rules(ZoneOffset.UTC, 1), period -> 0, new Spending.Observer() {
            @Override
            public void decided(Budget.Period period, boolean granted) {
                // There is no budget.
            }

            @Override
            public void nearlySpent(Budget budget) {
                // There is no budget.
            }
        }, outstanding, time, Optional.empty());
    }
}
