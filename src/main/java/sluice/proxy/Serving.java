package sluice.proxy;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import sluice.account.LiveAccount;
import sluice.proxy.Exchange.OfAsk;

/**
 * Which of a call's accounts serve its model, by the configuration in effect now. The scheduler offers a call to no
 * other; this tells beforehand what that leaves.
 *
 * @param accounts all of them, by name
 */
public record Serving(Map<String, LiveAccount> accounts) {

    /** Whether any of its accounts serves it. */
    public boolean has(OfAsk call) {
        return at(call.declared().home(), call.model()) || at(call.ask().accounts(), call.model());
    }

    /** Whether its tenant has an account that serves its model, though this call may be bound to another. */
    public boolean hasForOthers(OfAsk call) {
        return at(call.tenancy().accounts(), call.model());
    }

    /** Those of its accounts that serve it, without this one. */
    public Set<String> elsewhere(OfAsk call, String account) {
        Set<String> others = new HashSet<>(call.ask().accounts());
        others.removeIf(name -> name.equals(account) || !at(name, call.model()));
        return others;
    }

    private boolean at(Set<String> names, String model) {
        for (String name : names) {
            if (at(name, model)) {
                return true;
            }
        }
        return false;
    }

    private boolean at(String name, String model) {
        LiveAccount account = accounts.get(name);
        return account != null && account.serves(model);
    }
}
