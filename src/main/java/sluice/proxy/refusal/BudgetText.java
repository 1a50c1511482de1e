package sluice.proxy.refusal;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import sluice.openai.GoDuration;
import sluice.price.Cost;
import sluice.quota.Budget;
import sluice.quota.Spending;

/** Says what a call may cost, what is left of its tenant's budget, and how to go on. */
final class BudgetText {

    private BudgetText() {}

    static String of(Spending.Answer.Refused refused) {
        Budget budget = refused.budget();
        String whole = "budget of $" + dollars(budget) + " (" + refused.name() + ")";
        String resets = "It resets in " + GoDuration.format(resetNanos(refused)) + ".";
        String ask = " Ask the gateway's operators for a larger one.";
        if (refused.left() == 0) {
            return "Your service has used up its " + whole + ". " + resets + ask;
        }
        String cost = "This call may cost up to " + about(refused.asked(), RoundingMode.UP);
        return !fits(refused)
                ? cost + ", more than the whole " + whole + " of your service. Set a lower limit of output tokens, "
                        + "or ask the gateway's operators for a larger budget."
                : cost + ", and " + about(refused.left(), RoundingMode.DOWN) + " is left of your service's " + whole
                        + ". " + resets + " Set a lower limit of output tokens, or wait." + ask;
    }

    /** Whether the call would fit into the whole budget; otherwise waiting cannot help. */
    static boolean fits(Spending.Answer.Refused refused) {
        return refused.left() == 0 || refused.asked() <= refused.budget().picodollars();
    }

    /** Until the budget is whole again. */
    static long resetNanos(Spending.Answer.Refused refused) {
        return Math.max(1, refused.reset().toNanos());
    }

    /** Three digits are plenty. */
    private static String about(long picodollars, RoundingMode rounding) {
        return "$" + Cost.dollars(picodollars).round(new MathContext(3, rounding)).toPlainString();
    }

    private static String dollars(Budget budget) {
        BigDecimal dollars = Cost.dollars(budget.picodollars());
        return dollars.setScale(Math.max(2, dollars.scale())).toPlainString();
    }
}
