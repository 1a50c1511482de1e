package sluice.config;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import sluice.account.AccountEntry;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.managed.Declarations;
import sluice.tenancy.Seers;
import sluice.tenancy.Tenant;
import sluice.yaml.Document;
import sluice.yaml.Findings;
import sluice.yaml.Interpolation;
import sluice.yaml.InvalidConfig;
import sluice.yaml.Problem;
import sluice.yaml.Section;

/** Reads the settings of managed tenants as if they were in this configuration, and shows those of any tenant. */
public final class TenantDeclarations implements Declarations {
    private final GatewayConfig config;
    private final Map<String, PlanEntry> plans = new LinkedHashMap<>();
    private final List<String> accounts;
    private final Set<String> sharing;
    /** What is in effect for declared tenants, by name. */
    private final Map<String, Map<?, ?>> shown = new HashMap<>();

    public TenantDeclarations(GatewayConfig config) {
        this.config = config;
        config.plans().forEach(plan -> plans.put(plan.name(), plan));
        if (config.effective().tree().get("tenants") instanceof List<?> list) {
            list.stream().filter(Map.class::isInstance).map(each -> (Map<?, ?>) each)
                    .forEach(each -> shown.put(String.valueOf(each.get("name")), each));
        }
        this.accounts = config.accounts().stream().map(entry -> entry.account().name()).toList();
        this.sharing = config.accounts().stream().filter(AccountEntry::sharedObjects)
                .map(entry -> entry.account().name()).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public List<Tenant> declared() {
        return config.tenants();
    }

    @Override
    public Map<String, JsonObject> plans() {
        Map<String, JsonObject> shownPlans = new LinkedHashMap<>();
        Object section = config.effective().tree().get("plans");
        plans.keySet().forEach(name -> shownPlans.put(name, section instanceof Map<?, ?> all
                && all.get(name) instanceof Map<?, ?> plan ? plain(plan) : new JsonObject()));
        return shownPlans;
    }

    @Override
    public Optional<String> place(String name) {
        return Optional.ofNullable(config.places().get(name));
    }

    @Override
    public Tenant read(String name, String settings) throws Unfit {
        return parse(name, settings).tenant();
    }

    /** A tenant, and all its settings under the keys of the file. */
    private record Parsed(Tenant tenant, Map<String, Object> inEffect) {}

    /**
     * JSON is YAML. A reference to a variable is plain text here: callers of the admin API must not read the
     * environment.
     */
    private Parsed parse(String name, String settings) throws Unfit {
        Findings findings = new Findings(new Interpolation(unset -> null));
        try {
            JsonObject whole = new JsonObject(settings);
            if (whole.containsKey("name")) {
                throw new Unfit(List.of("name: it cannot be changed"));
            }
            String yaml = withoutExponents(whole.getMap()).put("name", name).encode().replace("${", "$${");
            Section section = Document.of("settings", yaml).root(findings);
            Optional<Tenant> tenant = new TenantReader(plans, accounts, Set.copyOf(accounts), (own, of) -> List.of())
                    .tenant(section);
            findings.finish("settings");
            return new Parsed(tenant.orElseThrow(() -> new Unfit(List.of())), section.inEffect());
        } catch (InvalidConfig unfit) {
            throw new Unfit(unfit.problems().stream().map(TenantDeclarations::told).toList());
        }
    }

    /** JSON writes 0.0005 as 5.0E-4, too, and 100 as 1e2; the file does not. */
    private static JsonObject withoutExponents(Map<?, ?> settings) {
        JsonObject plain = new JsonObject();
        settings.forEach((key, value) -> plain.put(String.valueOf(key), plainNumbers(value)));
        return plain;
    }

    private static @Nullable Object plainNumbers(@Nullable Object value) {
        return switch (value) {
            case Double number -> BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
            case Map<?, ?> map -> withoutExponents(map);
            case List<?> list -> new JsonArray(list.stream().map(TenantDeclarations::plainNumbers).toList());
            case null, default -> value;
        };
    }

    /** Line numbers mean nothing here. */
    private static String told(Problem problem) {
        return problem.toString().replaceFirst(", line \\d+: ", ": ");
    }

    /** What one tenant of an account stores, every other one that may read stored objects there can see. */
    @Override
    public Map<String, String> conflicts(Collection<Tenant> tenants) {
        Seers seers = new Seers(config.keepsCalls(), sharing);
        Map<String, String> conflicts = new LinkedHashMap<>();
        tenants.forEach(tenant -> seers.conflict(tenant).ifPresent(found -> conflicts.put(tenant.name(),
                Problem.expected("endpoints", found.classes(), found.expected()).toString())));
        return conflicts;
    }

    @Override
    public JsonObject show(String name, Optional<String> settings) {
        try {
            return settings.isPresent()
                    ? plain(parse(name, settings.get()).inEffect())
                    : plain(shown.getOrDefault(name, Map.of()));
        } catch (Unfit unfit) {
            return new JsonObject();
        }
    }

    private static JsonObject plain(Map<?, ?> inEffect) {
        Map<String, Object> settings = new LinkedHashMap<>();
        inEffect.forEach((key, value) -> settings.put(String.valueOf(key), value));
        settings.remove("name");
        settings.remove("keys");
        return new JsonObject(new JsonObject(settings).encode().replace("$${", "${"));
    }
}
