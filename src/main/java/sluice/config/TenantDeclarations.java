package sluice.config;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import sluice.account.AccountEntry;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.managed.Declarations;
import sluice.openai.EndpointClass;
import sluice.tenancy.Tenant;

/** Reads the settings of managed tenants as if they stood in this configuration, and shows those of any tenant. */
public final class TenantDeclarations implements Declarations {
    private final GatewayConfig config;
    private final Map<String, PlanEntry> plans = new LinkedHashMap<>();
    private final List<String> accounts;
    private final Set<String> sharing;

    public TenantDeclarations(GatewayConfig config) {
        this.config = config;
        config.plans().forEach(plan -> plans.put(plan.name(), plan));
        this.accounts = config.accounts().stream().map(entry -> entry.account().name()).toList();
        this.sharing = config.accounts().stream().filter(AccountEntry::sharedObjects)
                .map(entry -> entry.account().name()).collect(Collectors.toUnmodifiableSet());
    }

    @Override
    public List<Tenant> declared() {
        return config.tenants();
    }

    @Override
    public Optional<String> place(String name) {
        return Optional.ofNullable(config.places().get(name));
    }

    /** JSON is YAML. A reference to a variable is a text here: callers of the admin API read no environment. */
    @Override
    public Tenant read(String name, String settings) throws Unfit {
        Findings findings = new Findings(new Interpolation(unset -> null));
        try {
            JsonObject whole = new JsonObject(settings);
            if (whole.containsKey("name")) {
                throw new Unfit(List.of("name: it cannot be changed"));
            }
            Section section = ConfigReader.root("settings", whole.put("name", name).encode().replace("${", "$${"),
                    findings);
            Optional<Tenant> tenant = new TenantReader(plans, accounts, Set.copyOf(accounts), (own, of) -> List.of())
                    .tenant(section);
            findings.finish();
            if (findings.anyProblem() || tenant.isEmpty()) {
                throw new Unfit(findings.problems().stream().map(TenantDeclarations::told).toList());
            }
            return tenant.get();
        } catch (InvalidConfig unreadable) {
            throw new Unfit(unreadable.problems().stream().map(Problem::toString).toList());
        }
    }

    /** Lines mean nothing here. */
    private static String told(Problem problem) {
        return problem.toString().replaceFirst(", line \\d+: ", ": ");
    }

    /** What one tenant of an account stores, every other one that may read stored objects there can see. */
    @Override
    public Map<String, String> conflicts(Collection<Tenant> tenants) {
        Map<String, String> seers = new HashMap<>();
        Map<String, String> conflicts = new LinkedHashMap<>();
        for (Tenant tenant : tenants) {
            List<String> shown = new ArrayList<>(tenant.endpoints().stream().filter(EndpointClass::showsStoredObjects)
                    .sorted().map(EndpointClass::key).toList());
            if (shown.isEmpty() || sharing.contains(tenant.home())) {
                continue;
            }
            String other = seers.putIfAbsent(tenant.home(), tenant.name());
            if (other != null) {
                conflicts.put(tenant.name(),
                        "endpoints: " + String.join(", ", shown) + " (expected: none of these, since "
                                + other + " would see what this tenant stores on account " + tenant.home()
                                + ": give each an account of its own, or set shared-objects: true on the account)");
            }
        }
        return conflicts;
    }

    @Override
    public JsonObject show(Tenant tenant) {
        Map<String, Object> settings = new LinkedHashMap<>(EffectiveConfig.tenant(tenant));
        settings.remove("name");
        settings.remove("keys");
        String json = new JsonObject(settings).encode();
        return new JsonObject(json.replace("$${", "${"));
    }
}
