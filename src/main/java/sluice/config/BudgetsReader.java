package sluice.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluice.price.Cost;
import sluice.price.Unpriced;
import sluice.quota.Budget;
import sluice.quota.Spending;

/** Reads {@code budgets}, and the budgets of plans and tenants. */
final class BudgetsReader {
    private static final double WARN_AT = 0.8;

    private BudgetsReader() {}

    static GatewayConfig.Budgets read(Section section) {
        ZoneId zone = section.value("time-zone", BudgetsReader::zone).orElse(ZoneId.of("UTC"));
        double warnAt = section.value("warn-at", Values.share(0.01, 1)).orElse(WARN_AT);
        return new GatewayConfig.Budgets(new Spending.Rules(zone, warnAt),
                section.value("unpriced", Values.word(Unpriced.class)).orElse(Unpriced.REFUSE));
    }

    /** The budgets of a plan or a tenant; those not given are inherited. */
    static List<Budget> of(Section section, List<Budget> inherited) {
        List<Budget> budgets = new ArrayList<>();
        for (Budget.Period period : Budget.Period.values()) {
            section.value(period.key(), Values.budget())
                    .map(dollars -> new Budget(period, picodollars(dollars)))
                    .or(() -> of(period, inherited)).ifPresent(budgets::add);
        }
        return budgets;
    }

    private static Optional<Budget> of(Budget.Period period, List<Budget> budgets) {
        return budgets.stream().filter(budget -> budget.period() == period).findFirst();
    }

    private static long picodollars(BigDecimal dollars) {
        return dollars.multiply(BigDecimal.valueOf(Cost.PER_DOLLAR)).longValueExact();
    }

    private static ZoneId zone(String text) throws Unacceptable {
        try {
            return ZoneId.of(text);
        } catch (DateTimeException unknown) {
            throw new Unacceptable("a time zone such as UTC or Europe/Berlin");
        }
    }
}
