package sluice.proxy;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.account.LiveAccount;
import sluice.account.ServedModels;
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
        return at(call.declared().home(), call.model()) || has(call.ask().accounts(), call.model());
    }

    /** Whether its tenant has an account that serves its model, though this call may be bound to another. */
    public boolean hasForOthers(OfAsk call) {
        return has(call.tenancy().accounts(), call.model());
    }

    /** Those of its accounts that serve it, without this one. */
    public Set<String> elsewhere(OfAsk call, String account) {
        Set<String> others = new HashSet<>(call.ask().accounts());
        others.removeIf(name -> name.equals(account) || !at(name, call.model()));
        return others;
    }

    /** The first of its tenant's accounts that serves it, in the order in which the tenant has them. */
    public Optional<LiveAccount> first(OfAsk call) {
        return call.declared().accounts().stream().filter(name -> at(name, call.model())).map(accounts::get)
                .findFirst();
    }

    /** Whether any of these accounts serves a model. */
    public boolean has(Set<String> names, String model) {
        for (String name : names) {
            if (at(name, model)) {
                return true;
            }
        }
        return false;
    }

    /** Whether each of these accounts takes calls for any model. */
    public boolean hasAny(Set<String> names) {
        return served(names).allMatch(ServedModels::all);
    }

    /** The models that these accounts serve by their names, in alphabetical order. */
    public SortedSet<String> named(Set<String> names) {
        return served(names).flatMap(each -> each.names().stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** Those of these accounts, without this one, that serve models which the configuration does not name. */
    public List<LiveAccount> listing(Set<String> names, String without) {
        return names.stream().sorted().filter(name -> !name.equals(without)).map(accounts::get)
                .filter(Objects::nonNull).filter(account -> !account.served().areNamed()).toList();
    }

    private Stream<ServedModels> served(Set<String> names) {
        return names.stream().map(accounts::get).filter(Objects::nonNull).map(LiveAccount::served);
    }

    private boolean at(String name, String model) {
        LiveAccount account = accounts.get(name);
        return account != null && account.serves(model);
    }
}
