package sluice.proxy;

import org.jspecify.annotations.Nullable;
import sluice.proxy.Exchange.Answer;
import sluice.proxy.Exchange.OfFunded;
import sluice.quota.Ending;
import sluice.quota.Spending;

/** What a call has reserved of its tenant's budgets. */
public record Paid(Purse purse, Spending.Hold hold) {

    /** The call has ended; without an answer, it is settled by its ending. */
    void close(OfFunded call, Ending ending, @Nullable Answer answer) {
        if (answer != null) {
            hold.close(purse.cost(answer.facts(), answer.told().use()));
            return;
        }
        hold.close(switch (ending) {
            case Ending.AsReserved() -> hold.reserved();
            case Ending.Used(var _) -> purse.cost(call, call.estimate(0));
            case Ending.NotSent(),Ending.NotRun() -> 0;
        });
    }
}
