package sluice.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluice.cache.AnswerCache;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.config.GatewayConfig.TenantEntry;
import sluice.openai.ModelGlob;
import sluice.quota.Limits;
import sluice.tenant.Tenant;

/** Reads {@code tenants}, each resolved with its plan. */
final class TenantReader {
    static final String DEFAULT_PLAN = "free";

    static final String INFERENCE = "inference";
    private static final ModelGlob EVERY_MODEL = new ModelGlob("*");

    private final Map<String, PlanEntry> plans;
    private final List<String> accounts;
    private final TenantKeys keys;
    private final Set<String> names = new HashSet<>();

    /** @param accounts the names of all, in the order of the file */
    TenantReader(Map<String, PlanEntry> plans, List<String> accounts, TenantKeys keys) {
        this.plans = plans;
        this.accounts = accounts;
        this.keys = keys;
    }

    /** The tenants that have a name. */
    List<TenantEntry> read(Section root) {
        List<Entry> items = root.items("tenants").orElse(List.of());
        if (items.isEmpty()) {
            root.warn("tenants", "none, so every call is refused with 401");
        }
        List<TenantEntry> tenants = new ArrayList<>();
        items.forEach(item -> tenant(item.section()).ifPresent(tenants::add));
        return tenants;
    }

    private Optional<TenantEntry> tenant(Section section) {
        Optional<String> name = section.required("name", TenantName::parse, "a name for logs and metrics");
        if (name.isPresent() && !names.add(name.get())) {
            section.refuse("name", name.get(), "a name that no other tenant has");
        }
        PlanEntry plan = section.value("plan", Values.oneOf("a plan: ", List.copyOf(plans.keySet())))
                .or(() -> Optional.of(DEFAULT_PLAN)).map(plans::get).orElseThrow();
        Limits limits = LimitsReader.read(section, plan.limits());
        AnswerCache.Mode cache = section.value("cache", Values.word(AnswerCache.Mode.class)).orElse(plan.cache());
        boolean shadow = section.value("shadow", Values.flag()).orElse(false);
        List<Tenant.Key> own = keys.read(section, name.orElse("a tenant without name"));
        List<ModelGlob> models = section.values("models", Values.glob()).orElse(List.of(EVERY_MODEL));
        section.values("endpoints", TenantReader::endpoint);
        List<String> usable = section.values("accounts", this::account).orElse(accounts).stream().distinct().toList();
        return name.map(known -> new TenantEntry(
                new Tenant(known, plan.name(), own, models, usable, limits, shadow), cache,
                PlanReader.standing(section, plan.standing())));
    }

    private String account(String text) throws Unacceptable {
        return accounts.isEmpty() ? text : Values.oneOf("an account: ", accounts).parse(text);
    }

    private static String endpoint(String text) throws Unacceptable {
        if (LaterVersions.bringEndpoint(text)) {
            throw new Unacceptable(INFERENCE + "; " + text + " is not supported by this version");
        }
        return Values.oneOf("one of ", List.of(INFERENCE)).parse(text);
    }
}
