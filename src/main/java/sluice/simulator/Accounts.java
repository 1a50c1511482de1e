package sluice.simulator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import sluice.simulator.objects.Stored;
import sluice.simulator.objects.Visit;
import sluice.simulator.wire.BadCall;
import sluice.simulator.wire.Body;

/** Maps keys to accounts. The keys of an account share its quotas. */
final class Accounts {
    /** A key's account, what remains of its limits, what it has stored, and which models it has. */
    record Member(SimulatedAccount account, String keyId, Quotas quotas, Stored stored, Predicate<String> models) {
        Visit visit(Exchange exchange, Map<String, String> params, Body body, long now) {
            return new Visit(exchange.request(), stored, account.organization(), params, body, models, now);
        }
    }

    private final Map<String, Member> members = new HashMap<>();
    private final Statistics statistics;

    Accounts(List<SimulatedAccount> accounts, Predicate<String> models, Statistics statistics) {
        this.statistics = statistics;
        for (SimulatedAccount account : accounts) {
            Quotas quotas = new Quotas(account);
            Stored stored = new Stored();
            for (String key : account.keys()) {
                members.put(key, new Member(account, KeyId.of(key), quotas, stored, models));
            }
        }
    }

    /**
     * The account of the request's key.
     *
     * @throws BadCall if there is no key or it is not valid
     */
    Member authenticate(Exchange exchange, Faults faults) {
        Member member = authenticate(exchange.request().getHeader("authorization"), faults);
        exchange.response().headers().set("openai-organization", member.account().organization());
        return member;
    }

    /**
     * The account of the key in the value of an {@code authorization} header.
     *
     * @throws BadCall if there is no key or it is not valid
     */
    Member authenticate(@Nullable String authorization, Faults faults) {
        if (authorization == null) {
            throw new BadCall(Refusals.noKey());
        }
        String key = Credentials.keyOf(authorization).orElse("");
        Member member = members.get(key);
        statistics.authorization(authorization, member == null ? KeyId.of(key) : member.keyId());
        if (key.isEmpty()) {
            throw new BadCall(Refusals.noKey());
        }
        if (member == null || faults.revokes(key, member.keyId())) {
            throw new BadCall(Refusals.wrongKey(key));
        }
        statistics.account(member.account().name());
        return member;
    }
}
