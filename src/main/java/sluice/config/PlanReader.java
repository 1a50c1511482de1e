package sluice.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import sluice.cache.CachePolicies;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.quota.Limit;
import sluice.quota.Limits;
import sluice.schedule.Standing;
import sluice.tenancy.Access;
import sluice.tenancy.TagRules;
import sluice.yaml.Quantities;
import sluice.yaml.Section;
import sluice.yaml.Values;

/** Reads {@code plans}. A built-in plan keeps its limit unless the file overrides it. */
final class PlanReader {
    private static final Map<String, Limits> BUILT_IN = builtIn();

    private PlanReader() {}

    /** Plans by name, the built-in ones first. */
    static Map<String, PlanEntry> read(Section section, CachePolicies cache, Standing standing) {
        Map<String, PlanEntry> plans = new LinkedHashMap<>();
        Map<String, Section> given = section.named();
        Stream.concat(BUILT_IN.keySet().stream(), List.copyOf(given.keySet()).stream()).distinct().forEach(name -> {
            Section plan = given.computeIfAbsent(name, section::named);
            plan.called("the name of this plan", name, Values.name());
            plans.put(name, new PlanEntry(name, LimitsReader.read(plan, BUILT_IN.getOrDefault(name, Limits.NONE)),
                    CacheReader.read(plan, cache), standing(plan, standing), TagsReader.read(plan, TagRules.NONE),
                    AccessReader.read(plan, Access.OPEN)));
        });
        return plans;
    }

    /** How the calls of a plan or a tenant queue; settings not given are inherited. */
    static Standing standing(Section section, Standing inherited) {
        return new Standing(section.value("weight", Quantities.weight(), inherited.weight()),
                section.duration("max-wait", Duration.ZERO, Duration.ofDays(1), inherited.maxWait()),
                section.word("priority", inherited.lane()));
    }

    private static Map<String, Limits> builtIn() {
        Map<String, Limits> plans = new LinkedHashMap<>();
        plans.put(TenantReader.DEFAULT_PLAN, perMinute(100));
        plans.put("paid", perMinute(1000));
        return plans;
    }

    private static Limits perMinute(long requests) {
        return new Limits(List.of(new Limit(Limit.Kind.RPM, requests)), OptionalInt.empty(), Map.of());
    }
}
