package sluice.simulator;

import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import sluice.simulator.objects.Visit;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Reply;
import sluice.time.Time;

/** Serves requests that spend no quota: stored objects, files, lists. */
final class Desk {
    private final Replies replies;
    private final Accounts accounts;
    private final Supplier<Faults> faults;
    private final Time time;

    Desk(Replies replies, Accounts accounts, Supplier<Faults> faults, Time time) {
        this.replies = replies;
        this.accounts = accounts;
        this.faults = faults;
        this.time = time;
    }

    void serve(Function<Visit, Reply> answer, Map<String, String> params, Exchange exchange) {
        exchange.body(body -> {
            try {
                Accounts.Member member = accounts.authenticate(exchange, faults.get());
                OptionalInt status = exchange.header("x-simulator-status");
                if (status.isPresent() && status.getAsInt() >= 400) {
                    throw new BadCall(InjectedErrors.of(status.getAsInt(), ""));
                }
                replies.give(answer.apply(member.visit(exchange, params, body, time.now().getEpochSecond())),
                        exchange);
            } catch (BadCall refused) {
                exchange.fail(refused.answer());
            }
        });
    }
}
