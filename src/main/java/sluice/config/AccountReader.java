package sluice.config;

import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluice.account.AccountEntry;
import sluice.account.ServedModels;
import sluice.net.CertifiedKey;
import sluice.openai.ModelGlob;
import sluice.quota.AccountLimits;
import sluice.quota.Limit;
import sluice.tenancy.KeyDigest;
import sluice.upstream.Account;
import sluice.upstream.ApiKey;
import sluice.yaml.Entry;
import sluice.yaml.Parser;
import sluice.yaml.Quantities;
import sluice.yaml.Redaction;
import sluice.yaml.Secret;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code upstream.accounts}. */
final class AccountReader {
    private final Set<String> names = new LinkedHashSet<>();
    private final Set<String> sharing = new HashSet<>();
    private final Set<String> silent = new HashSet<>();
    private final Map<KeyDigest, String> keys = new HashMap<>();

    /** The requests per minute that OpenAI grants by tier, unless configured. */
    private enum Tier {
        FREE(AccountLimits.FREE_RPM), PAID(AccountLimits.PAID_RPM);

        private final long rpm;

        Tier(long rpm) {
            this.rpm = rpm;
        }
    }

    /** The accounts that have a name and a key; {@code baseUrl} is their default. */
    List<AccountEntry> read(Section upstream, URI baseUrl) {
        return upstream.requiredSections("accounts", "at least one account with its keys").stream()
                .flatMap(section -> account(section, baseUrl).stream()).toList();
    }

    /** The names of all accounts, including those with other problems. */
    List<String> names() {
        return List.copyOf(names);
    }

    /** The accounts whose stored objects several tenants may see. */
    Set<String> sharing() {
        return Set.copyOf(sharing);
    }

    /** The accounts that do not say which models they serve. */
    Set<String> silent() {
        return Set.copyOf(silent);
    }

    /** The account a key belongs to, if any. */
    Optional<String> accountOf(KeyDigest key) {
        return Optional.ofNullable(keys.get(key));
    }

    private Optional<AccountEntry> account(Section section, URI baseUrl) {
        Optional<String> name = section.name("name", Values.name(), "a name for logs and metrics", names,
                "a name no other account has");
        URI own = UpstreamReader.baseUrl(section, baseUrl);
        Account.KeyHeader keyHeader = section.word("key-header", Account.KeyHeader.AUTHORIZATION);
        Optional<CertifiedKey> certificate = certificate(section, own);
        AccountLimits limits = limits(section);
        List<ApiKey> opening = keys(section, name.orElse("another account"));
        Optional<String> organization = section.optional("organization", Values.visible());
        Optional<String> project = section.optional("project", Values.visible());
        AccountEntry.LimitsFrom from = section.word("limits", AccountEntry.LimitsFrom.FILE);
        if (from == AccountEntry.LimitsFrom.UPSTREAM && !section.hasUnknown("project", "base-url")
                && (project.isEmpty() || !own.equals(baseUrl))) {
            section.refuse("limits", project.isEmpty() ? "upstream without project" : "upstream with a base-url",
                    "file, or a project of the organization at upstream.base-url");
            from = AccountEntry.LimitsFrom.FILE;
        }
        ServedModels serves = ServedModels.of(section.values("serves", LimitsReader.MODEL, List.of(ModelGlob.ANY)));
        if (section.items("serves").isEmpty()) {
            name.ifPresent(silent::add);
        }
        boolean shared = section.flag("shared-objects", false);
        if (shared) {
            name.ifPresent(sharing::add);
        }
        if (name.isEmpty() || opening.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new AccountEntry(new Account(name.get(), own, keyHeader, opening, organization, project,
                certificate), limits, from, serves, shared));
    }

    /** The client certificate for the account's host. Its files are watched, since they are renewed like secrets. */
    private static Optional<CertifiedKey> certificate(Section section, URI baseUrl) {
        Optional<Section> tls = section.optionalSection("tls");
        if (tls.isPresent() && baseUrl.getScheme().equals("http")) {
            section.refuse("tls", "a certificate for plain http", "an https base-url");
        }
        return tls.flatMap(at -> ServerReader.pair(at, section::reads)).map(ServerReader.Pair::read);
    }

    private static AccountLimits limits(Section section) {
        Tier tier = section.word("tier", Tier.FREE);
        long rpm = section.count(Limit.Kind.RPM.key(), 1, AccountLimits.MOST_RPM, (int) tier.rpm);
        boolean strict = section.flag("strict", true);
        boolean unknown = section.hasUnknown("rpm", "tier", "strict");
        long largest = unknown ? AccountLimits.MOST_RPM : AccountLimits.largestBurst(rpm, strict);
        long burst = section.value("burst", burst(largest, strict), AccountLimits.defaultBurst(rpm, strict));
        List<Limit> limits = new ArrayList<>();
        limits.add(new Limit(Limit.Kind.RPM, rpm));
        for (Limit.Kind kind : List.of(Limit.Kind.RPD, Limit.Kind.TPM, Limit.Kind.TPD)) {
            section.value(kind.key(), Quantities.count(1)).ifPresent(amount -> limits.add(new Limit(kind, amount)));
        }
        Map<ModelGlob, List<Limit>> byModel = LimitsReader.byModel(section, "models", Map.of());
        return new AccountLimits(limits, byModel, strict, burst);
    }

    private static Parser<Long> burst(long largest, boolean strict) {
        return Parser.of(() -> Quantities.count(1).form(), text -> {
            long burst = Quantities.count(1).parse(text);
            if (burst > largest) {
                throw new Unacceptable("a whole number from 1 to " + largest + ", "
                        + (strict ? "half of rpm, since strict is true" : "all of rpm"));
            }
            return burst;
        });
    }

    private List<ApiKey> keys(Section section, String account) {
        List<ApiKey> own = section.requiredItems("keys", "at least one API key").stream()
                .flatMap(item -> Secret.required(item, "an API key").filter(secret -> isNew(item, secret, account))
                        .stream())
                .map(secret -> new ApiKey(secret.value())).toList();
        section.show("keys", own.stream().map(key -> Redaction.MARK).toList());
        return own;
    }

    private boolean isNew(Entry item, Secret secret, String account) {
        if (secret.isDigest()) {
            item.refuseSecret("the API key itself, not a digest");
            return false;
        }
        if (secret.value().equals(Redaction.MARK)) {
            return true;
        }
        String owner = keys.putIfAbsent(KeyDigest.of(secret.value()), account);
        if (owner != null) {
            item.refuseSecret("a key listed only once; account " + owner + " has it too");
        }
        return owner == null;
    }
}
