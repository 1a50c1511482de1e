package sluice.litellm;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.openai.ModelGlob;

/**
 * The accounts that deployments make. Those that share a key and a server share its quota, so together they are one.
 *
 * <p>An account serves the models its deployments name. One that passes on whatever OpenAI has serves OpenAI's
 * families, but for what LiteLLM would not have sent there: models for which it has deployments elsewhere.
 */
final class Accounts {
    /** Stands for the models of a server that takes any, which nobody but the operator knows. */
    static final String UNKNOWN = "LIST-ITS-MODELS-HERE";

    private static final long MOST_RPM = 10_000_000;
    private static final long MOST = 1_000_000_000;

    /** An account, with the deployments on it. */
    private record Account(String name, Place place, List<Deployment> deployments) {
        Set<String> models() {
            return deployments.stream().filter(each -> !each.isWildcard()).map(Deployment::model)
                    .collect(Collectors.toCollection(LinkedHashSet::new));
        }
    }

    private final List<Account> accounts = new ArrayList<>();
    private final Set<String> aliases;
    private final OpenAiModels openAi;
    private final Notes notes;

    /** @param aliases further names of groups, which no server is asked for */
    Accounts(List<Deployment> deployments, Set<String> aliases, OpenAiModels openAi, Notes notes) {
        this.aliases = aliases;
        this.openAi = openAi;
        this.notes = notes;
        Map<Place, List<Deployment>> places = new LinkedHashMap<>();
        deployments.forEach(each -> places.computeIfAbsent(each.place(), fresh -> new ArrayList<>()).add(each));
        Set<String> names = new LinkedHashSet<>();
        places.forEach((place, on) -> accounts.add(new Account(unused(place.name(), names), place, on)));
        List<String> ordered = homeFirst(names(), Set.of("*"));
        accounts.sort(Comparator.comparingInt(each -> ordered.indexOf(each.name())));
    }

    /** A name, with a number if it is taken. */
    static String unused(String base, Set<String> names) {
        String name = base;
        for (int number = 2; !names.add(name); number++) {
            name = base + "-" + number;
        }
        return name;
    }

    int size() {
        return accounts.size();
    }

    /** These accounts, first the one that serves most of some models: what a tenant stores lives there. */
    List<String> homeFirst(List<String> names, Set<String> patterns) {
        List<String> ordered = new ArrayList<>(names);
        accounts.stream().filter(each -> names.contains(each.name()))
                .min(Comparator.comparingInt(each -> -ModelNames.both(served(each), patterns).size()))
                .map(Account::name).ifPresent(home -> {
                    ordered.remove(home);
                    ordered.addFirst(home);
                });
        return ordered;
    }

    /** The accounts that serve any of these models, in their order. */
    List<String> serving(Set<String> patterns) {
        return accounts.stream().filter(each -> !ModelNames.both(served(each), patterns).isEmpty()).map(Account::name)
                .toList();
    }

    /** The names of all: first the one that serves most models, the others in the order of the file. */
    List<String> names() {
        return accounts.stream().map(Account::name).toList();
    }

    /** Whether they all serve the same models. */
    private boolean serveAlike() {
        return accounts.stream().map(this::served).distinct().count() <= 1;
    }

    /** Where a deployment's calls go. */
    Reach reach(Deployment deployment) {
        return reach(deployment, passed(deployment));
    }

    /** Where a deployment's calls for some models go. */
    Reach reach(Deployment deployment, Set<String> patterns) {
        return Reach.at(of(deployment).name(), patterns);
    }

    /** Every model, wherever it is. */
    Reach everywhere() {
        return new Reach(Map.of("*", new LinkedHashSet<>(names())));
    }

    /** Models for which some of these accounts would be asked although LiteLLM does not. */
    Set<String> strays(Reach reach, List<String> among) {
        Set<String> strays = new LinkedHashSet<>();
        accounts.stream().filter(each -> among.contains(each.name()))
                .forEach(each -> ModelNames.both(served(each), reach.patterns()).stream()
                        .filter(model -> !reach.of(model).contains(each.name())).forEach(strays::add));
        return strays;
    }

    /** Those of these models, as far as deployments name them, that an account does not serve. */
    Set<String> lacking(String account, Set<String> patterns) {
        List<ModelGlob> globs = patterns.stream().map(ModelGlob::new).toList();
        List<ModelGlob> served = accounts.stream().filter(each -> each.name().equals(account))
                .flatMap(each -> served(each).stream()).map(ModelGlob::new).toList();
        return accounts.stream().flatMap(each -> each.models().stream())
                .filter(model -> ModelGlob.anyMatches(globs, model) && !ModelGlob.anyMatches(served, model))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The models that a deployment passes on, as patterns. */
    Set<String> passed(Deployment deployment) {
        return passed(of(deployment), deployment);
    }

    private Account of(Deployment deployment) {
        return accounts.stream().filter(each -> each.place().equals(deployment.place())).findFirst().orElseThrow();
    }

    private Set<String> served(Account account) {
        Set<String> patterns = new LinkedHashSet<>();
        account.deployments().stream().filter(Deployment::isWildcard)
                .forEach(each -> patterns.addAll(passed(account, each)));
        List<ModelGlob> globs = patterns.stream().map(ModelGlob::new).toList();
        account.models().stream().filter(model -> !ModelGlob.anyMatches(globs, model)).forEach(patterns::add);
        return patterns;
    }

    private Set<String> passed(Account account, Deployment deployment) {
        if (!deployment.takesAny()) {
            return Set.of(deployment.model());
        }
        if (!deployment.isOpenAi()) {
            return accounts.size() == 1 ? Set.of("*") : Set.of(UNKNOWN);
        }
        Set<String> others = elsewhere(account);
        Set<String> passed = new LinkedHashSet<>();
        OpenAiModels.FAMILIES.forEach(family -> passed.addAll(openAi.without(family, others)));
        return passed;
    }

    /** Names of OpenAI's kind that LiteLLM would not have sent to a deployment's account as they are. */
    Set<String> elsewhere(Deployment deployment) {
        return elsewhere(of(deployment));
    }

    /** Names of OpenAI's kind that LiteLLM would not have sent to this account as they are. */
    private Set<String> elsewhere(Account account) {
        Set<String> elsewhere = new LinkedHashSet<>(aliases);
        accounts.stream().flatMap(each -> each.deployments().stream()).filter(each -> !each.isWildcard())
                .forEach(each -> {
                    elsewhere.add(each.group());
                    if (!openAi.isListed(each.model())) {
                        elsewhere.add(each.model());
                    }
                });
        elsewhere.removeAll(account.models());
        elsewhere.removeIf(name -> !OpenAiModels.inFamily(name));
        return elsewhere;
    }

    /** Whether LiteLLM sends any model to an account, so that it need not say what it serves. */
    private boolean isOpen(Account account) {
        return account.deployments().stream().anyMatch(Deployment::takesAny) && elsewhere(account).isEmpty();
    }

    /** The accounts as the configuration has them. */
    List<Object> entries() {
        boolean open = serveAlike() && accounts.stream().allMatch(this::isOpen);
        List<Object> entries = new ArrayList<>();
        for (Account account : accounts) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", account.name());
            limits(account, entry);
            if (!open) {
                entry.put("serves", List.copyOf(served(account)));
                noteServed(account);
            }
            Place place = account.place();
            entry.put("keys", List.of(place.key()));
            if (!place.baseUrl().isEmpty()) {
                entry.put("base-url", place.baseUrl());
            }
            if (place.azure()) {
                entry.put("key-header", "api-key");
            }
            if (!place.organization().isEmpty()) {
                entry.put("organization", place.organization());
            }
            entries.add(entry);
        }
        return entries;
    }

    private void noteServed(Account account) {
        Set<String> served = served(account);
        if (served.contains(UNKNOWN)) {
            notes.add(Notes.Kind.TO_DO, "LiteLLM passes any model on to these accounts, and other accounts must not get"
                    + " those calls: list their models under `serves`", account.name());
        } else if (account.deployments().stream().anyMatch(each -> each.takesAny() && each.isOpenAi())) {
            notes.add(Notes.Kind.TO_DO, "these accounts serve whatever fits the patterns under `serves`, but not the"
                    + " names in parentheses, which mean something else in LiteLLM; add a pattern for new models that fit none",
                    account.name(), elsewhere(account).toArray(String[]::new));
        }
    }

    private void limits(Account account, Map<String, Object> entry) {
        Map<String, long[]> byModel = new LinkedHashMap<>();
        long rpm = 0;
        long tpm = 0;
        for (Deployment each : account.deployments()) {
            rpm += each.rpm();
            tpm += each.tpm();
            long[] sums = byModel.computeIfAbsent(each.isWildcard() ? each.group() : each.model(),
                    fresh -> new long[2]);
            sums[0] += each.rpm();
            sums[1] += each.tpm();
        }
        if (rpm > 0) {
            entry.put("rpm",
                    Amounts.capped(BigDecimal.valueOf(rpm), BigDecimal.valueOf(MOST_RPM), "rpm", account.name(),
                            notes).longValue());
        } else {
            entry.put("tier", "free");
        }
        noteUnknown(account, byModel, rpm > 0);
        if (tpm > 0 && byModel.values().stream().allMatch(sums -> sums[1] > 0)) {
            entry.put("tpm", Math.min(tpm, MOST));
        }
        Map<String, Object> models = new LinkedHashMap<>();
        account.models().forEach(model -> limit(models, model, byModel.getOrDefault(model, new long[2])));
        if (!models.isEmpty()) {
            entry.put("models", models);
        }
    }

    private void noteUnknown(Account account, Map<String, long[]> byModel, boolean known) {
        String[] without = byModel.entrySet().stream().filter(each -> each.getValue()[0] == 0).map(Map.Entry::getKey)
                .toArray(String[]::new);
        if (!known) {
            notes.add(Notes.Kind.TO_DO, "set rpm and tpm to what the provider grants (OpenAI's console: Limits); until"
                    + " then these accounts have 100 rpm", account.name());
        } else if (without.length > 0) {
            notes.add(Notes.Kind.TO_DO, "set rpm to what the provider grants (OpenAI's console: Limits); it is the sum"
                    + " of the models that have one, and these have none", account.name(), without);
        }
    }

    private static void limit(Map<String, Object> models, String model, long[] sums) {
        Map<String, Object> limit = new LinkedHashMap<>();
        if (sums[0] > 0) {
            limit.put("rpm", Math.min(sums[0], MOST));
        }
        if (sums[1] > 0) {
            limit.put("tpm", Math.min(sums[1], MOST));
        }
        if (!limit.isEmpty()) {
            models.put(model, limit);
        }
    }
}
