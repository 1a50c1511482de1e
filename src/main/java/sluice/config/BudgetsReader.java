package sluice.config;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sluice.price.Cost;
import sluice.price.Rates;
import sluice.price.Unpriced;
import sluice.quota.Budget;
import sluice.quota.Spending;
import sluice.yaml.Parser;
import sluice.yaml.Quantities;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;

/** Reads {@code budgets}, and the budgets of plans and tenants. */
final class BudgetsReader {
    private static final double WARN_AT = 0.8;
    private static final Parser<BigDecimal> DOLLARS = Quantities.positiveSum(Rates.DEAREST,
            "US dollars above 0, at most " + Rates.DEAREST + ", such as 25 or 0.5");
    private static final Parser<ZoneId> ZONE = BudgetsReader::zone;

    private BudgetsReader() {}

    static GatewayConfig.Budgets read(Section section) {
        ZoneId zone = section.value("time-zone", ZONE, ZoneId.of("UTC"));
        double warnAt = section.share("warn-at", 0.01, 1, WARN_AT);
        return new GatewayConfig.Budgets(new Spending.Rules(zone, warnAt), section.word("unpriced", Unpriced.REFUSE));
    }

    /** The budgets of a plan or a tenant; those not given are inherited. */
    static List<Budget> of(Section section, List<Budget> inherited) {
        List<Budget> budgets = new ArrayList<>();
        for (Budget.Period period : Budget.Period.values()) {
            section.inherited(period.key(), DOLLARS, of(period, inherited))
                    .ifPresent(dollars -> budgets.add(new Budget(period, picodollars(dollars))));
        }
        return budgets;
    }

    private static Optional<BigDecimal> of(Budget.Period period, List<Budget> budgets) {
        return budgets.stream().filter(budget -> budget.period() == period).findFirst()
                .map(budget -> Cost.dollars(budget.picodollars()));
    }

    static Map<String, Object> shown(List<Budget> budgets) {
        Map<String, Object> shown = new LinkedHashMap<>();
        budgets.forEach(budget -> shown.put(budget.period().key(), DOLLARS.shown(Cost.dollars(budget.picodollars()))));
        return shown;
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
