package sluice.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluice.cache.CachePolicies;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.openai.EndpointClass;
import sluice.openai.ModelGlob;
import sluice.quota.Limits;
import sluice.schedule.Standing;
import sluice.tenancy.Access;
import sluice.tenancy.Seers;
import sluice.tenancy.TagRules;
import sluice.tenancy.Tenant;
import sluice.yaml.Parser;
import sluice.yaml.Section;
import sluice.yaml.Unacceptable;
import sluice.yaml.Values;

/** Reads {@code tenants}, each resolved against its plan. */
final class TenantReader {
    static final String DEFAULT_PLAN = "free";

    private static final String EVERY = "*";
    private static final Set<EndpointClass> BY_WILDCARD = Arrays.stream(EndpointClass.values())
            .filter(EndpointClass::byWildcard).collect(Collectors.toUnmodifiableSet());
    private static final List<String> WORDS = Stream
            .concat(Arrays.stream(EndpointClass.values()).map(EndpointClass::key), Stream.of(EVERY)).toList();

    private record Read(Section section, Tenant tenant) {}

    private final Map<String, PlanEntry> plans;
    private final List<String> accounts;
    private final BiFunction<Section, String, List<Tenant.Key>> keys;
    private final Set<String> sharing;
    private final List<Read> read = new ArrayList<>();
    private final Set<String> names = new HashSet<>();
    private final Map<String, String> places = new HashMap<>();

    /**
     * @param accounts the names of all accounts, in file order
     * @param sharing  the accounts whose stored objects several tenants may see
     * @param keys     reads the keys of a tenant, given its section and its name
     */
    TenantReader(Map<String, PlanEntry> plans, List<String> accounts, Set<String> sharing,
            BiFunction<Section, String, List<Tenant.Key>> keys) {
        this.plans = plans;
        this.accounts = accounts;
        this.sharing = sharing;
        this.keys = keys;
    }

    /** The tenants that have a name, from the main file and those it includes. */
    List<Tenant> read(Section root, List<Section> included) {
        List<Section> sections = Stream.concat(Stream.of(root), included.stream())
                .flatMap(file -> file.sections("tenants").stream()).toList();
        if (sections.isEmpty()) {
            root.warn("tenants",
                    "none, so every call is refused with 401; declare one here, or make one in the console");
        }
        root.show("tenants", sections);
        return sections.stream().flatMap(section -> tenant(section).stream()).toList();
    }

    /** Where each tenant is declared, by its name. */
    Map<String, String> places() {
        return Map.copyOf(places);
    }

    Optional<Tenant> tenant(Section section) {
        Optional<String> name = section.name("name", TenantName::parse, "a name for logs and metrics", names,
                "a name no other tenant has");
        name.ifPresent(called -> places.put(called, section.place()));
        String known = section.value("plan", Values.oneOf("a plan: ", List.copyOf(plans.keySet())), DEFAULT_PLAN);
        PlanEntry plan = Objects.requireNonNull(plans.get(known));
        Limits limits = LimitsReader.read(section, plan.limits());
        CachePolicies cache = CacheReader.read(section, plan.cache());
        boolean shadow = section.flag("shadow", false);
        List<Tenant.Key> own = keys.apply(section, name.orElse("a tenant without name"));
        List<ModelGlob> models = section.values("models", LimitsReader.MODEL, List.of(ModelGlob.ANY));
        Set<EndpointClass> endpoints = endpoints(section);
        List<String> usable = section.values("accounts", this::account, accounts).stream().distinct().toList();
        Standing standing = PlanReader.standing(section, plan.standing());
        TagRules tags = TagsReader.read(section, plan.tags());
        Access access = AccessReader.read(section, plan.access());
        if (usable.isEmpty()) {
            // That is already reported, here or where accounts are declared.
            return Optional.empty();
        }
        Optional<Tenant> tenant = name.map(called -> new Tenant(called, plan.name(), own, models, endpoints, usable,
                limits, shadow, cache, standing, tags, access));
        tenant.ifPresent(read -> {
            warnOfModels(section, read);
            this.read.add(new Read(section, read));
        });
        return tenant;
    }

    private String account(String text) throws Unacceptable {
        return accounts.isEmpty() ? text : Values.oneOf("an account: ", accounts).parse(text);
    }

    /** The classes by name; {@code *} means all except those that reach beyond the gateway. */
    private static Set<EndpointClass> endpoints(Section section) {
        Set<EndpointClass> granted = EnumSet.noneOf(EndpointClass.class);
        section.values("endpoints", Parser.of(() -> Map.of("enum", WORDS), Values.oneOf("one of ", WORDS)),
                List.of(EndpointClass.INFERENCE.key()))
                .forEach(word -> granted.addAll(word.equals(EVERY) ? BY_WILDCARD : Set.of(EndpointClass.of(word))));
        section.show("endpoints", granted.stream().sorted().map(EndpointClass::key).toList());
        return granted;
    }

    /** A model allow-list does not cover files, jobs and routes that the gateway does not read. */
    private static void warnOfModels(Section section, Tenant tenant) {
        List<String> unheld = tenant.endpoints().stream().filter(EndpointClass::mayRunAnyModel).sorted()
                .map(EndpointClass::key).toList();
        if (!tenant.mayUseAny() && !unheld.isEmpty()) {
            section.warn("models", "does not restrict what runs through " + String.join(", ", unheld)
                    + ", which 'endpoints' grants");
        }
    }

    /** Goes through the tenants read so far, with the section of each. */
    void each(BiConsumer<Section, Tenant> reader) {
        read.forEach(each -> reader.accept(each.section(), each.tenant()));
    }

    /**
     * Refuses classes that would show a tenant the stored objects of another tenant of its account.
     *
     * @param owners whether owners of objects are recorded
     */
    void refuseSharing(boolean owners) {
        Seers seers = new Seers(owners, sharing);
        read.forEach(each -> seers.conflict(each.tenant())
                .ifPresent(found -> each.section().refuse("endpoints", found.classes(), found.expected())));
    }
}
