package sluice.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import sluice.cache.CachePolicies;
import sluice.config.GatewayConfig.PlanEntry;
import sluice.quota.Limit;
import sluice.quota.Limits;
import sluice.schedule.Lane;
import sluice.schedule.Standing;
import sluice.tenancy.Access;
import sluice.tenancy.TagRules;

/** Reads {@code plans}. A built-in plan keeps its limit unless the file overrides it. */
final class PlanReader {
    private static final Map<String, Limits> BUILT_IN = builtIn();

    private PlanReader() {}

    /** Plans by name, the built-in ones first. */
    static Map<String, PlanEntry> read(Section section, CachePolicies cache, Standing standing) {
        Map<String, PlanEntry> plans = new LinkedHashMap<>();
        Map<String, Section> given = section.named();
        Map<String, Section> named = new LinkedHashMap<>();
        BUILT_IN.keySet().forEach(
                name -> named.put(name, Optional.ofNullable(given.get(name)).orElseGet(() -> section.named(name))));
        named.putAll(given);
        named.forEach((name, plan) -> {
            checkName(plan, name);
            plans.put(name,
                    new PlanEntry(name, LimitsReader.read(plan, BUILT_IN.getOrDefault(name, Limits.NONE)),
                            CacheReader.read(plan, cache),
                            standing(plan, standing), TagsReader.read(plan, TagRules.NONE),
                            AccessReader.read(plan, Access.OPEN)));
        });
        return plans;
    }

    /** How the calls of a plan or a tenant queue; settings not given are inherited. */
    static Standing standing(Section section, Standing inherited) {
        return new Standing(section.value("weight", Values.weight(), inherited.weight()),
                section.value("max-wait", Values.duration(Duration.ZERO, Duration.ofDays(1)), inherited.maxWait()),
                section.value("priority", Values.word(Lane.class), inherited.lane()));
    }

    private static void checkName(Section plan, String name) {
        try {
            Values.name().parse(name);
        } catch (Unacceptable e) {
            plan.refuse("the name of this plan", e.expected());
        }
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
