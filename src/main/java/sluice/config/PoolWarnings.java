package sluice.config;

import java.net.URI;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import sluice.account.AccountEntry;
import sluice.account.ServedModels;
import sluice.openai.ModelGlob;
import sluice.tenancy.Tenant;
import sluice.yaml.Section;

/** Warns of accounts that calls may go to although they lack the model, and of models that no account serves. */
final class PoolWarnings {
    private static final String OPENAI = "api.openai.com";

    private final List<String> accounts;
    private final Map<String, String> hosts = new HashMap<>();
    private final Map<String, ServedModels> serves = new HashMap<>();
    private final Set<String> silent;

    /**
     * @param accounts in file order
     * @param silent   those that do not say which models they serve
     */
    PoolWarnings(List<AccountEntry> accounts, Set<String> silent) {
        this.accounts = accounts.stream().map(entry -> entry.account().name()).toList();
        this.silent = Set.copyOf(silent);
        accounts.forEach(entry -> {
            hosts.put(entry.account().name(), host(entry.account().baseUrl()));
            serves.put(entry.account().name(), entry.serves());
        });
    }

    /** All of OpenAI's own hosts serve the same models. */
    private static String host(URI baseUrl) {
        return baseUrl.getHost().endsWith("." + OPENAI) ? OPENAI : baseUrl.getAuthority();
    }

    /** Different hosts usually serve different models. A tenant that is not in the file may use all accounts. */
    void ofHosts(Section upstream, List<Tenant> tenants) {
        Set<String> mixed = new HashSet<>();
        Stream<List<String>> pools = tenants.isEmpty() ? Stream.of(accounts) : tenants.stream().map(Tenant::accounts);
        pools.filter(pool -> pool.stream().map(hosts::get).distinct().count() > 1)
                .filter(pool -> pool.stream().anyMatch(silent::contains)).forEach(mixed::addAll);
        if (!mixed.isEmpty()) {
            upstream.warn("accounts", names(mixed.stream()) + ": at different hosts, and shared by a tenant. Calls go "
                    + "to any of them, also to one that lacks their model, until each lists its models under 'serves'; "
                    + "missing on " + names(mixed.stream().filter(silent::contains)));
        }
    }

    /** A tenant may use a model that none of its accounts serves. */
    void ofModels(Section section, Tenant tenant) {
        List<String> unserved = tenant.models().stream().filter(ModelGlob::isLiteral).map(ModelGlob::pattern)
                .filter(model -> tenant.accounts().stream().map(serves::get)
                        .noneMatch(models -> models == null || models.include(model)))
                .toList();
        if (!unserved.isEmpty()) {
            section.warn("models", String.join(", ", unserved) + ": served by none of the tenant's accounts ("
                    + String.join(", ", tenant.accounts()) + "); see their 'serves'");
        }
    }

    private String names(Stream<String> some) {
        Set<String> named = new HashSet<>(some.toList());
        return String.join(", ", accounts.stream().filter(named::contains).toList());
    }
}
