package sluice.config;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import sluice.cache.AnswerCache;
import sluice.cache.CachePolicies;
import sluice.cache.CachePolicy;
import sluice.openai.ModelGlob;
import sluice.yaml.Entry;
import sluice.yaml.Parser;
import sluice.yaml.Quantities;
import sluice.yaml.Section;
import sluice.yaml.TypedText;
import sluice.yaml.Values;

/** Reads {@code cache}, and the policies of plans and tenants, for which a mode alone may stand there. */
final class CacheReader {
    private static final CachePolicy DEFAULT = CachePolicy.of(AnswerCache.Mode.IDENTICAL, Duration.ofMinutes(10));
    private static final Duration LONGEST = Duration.ofDays(365);
    private static final Parser<Duration> TIME = Quantities.duration(Duration.ofMillis(1), LONGEST);
    private static final Parser<String> NAMESPACE = Values.matching(CachePolicy.NAMESPACE,
            "a name of at most 64 of A-Z a-z 0-9 . _ -");

    private CacheReader() {}

    static AnswerCache.Settings read(Section cache) {
        CachePolicies policies = policies(cache, DEFAULT);
        return new AnswerCache.Settings(policies, cache.size("max-size", 0, 1L << 40, 256L << 20),
                (int) cache.size("max-entry", 0, 1L << 30, 1L << 20), cache.word("scope", AnswerCache.Scope.TENANT),
                cache.flag("hits-count", true), cache.flag("join", true));
    }

    /**
     * The policies of a plan or a tenant.
     *
     * @param inherited if it gives none; if it gives some, those for every model fill the gaps
     */
    static CachePolicies read(Section owner, CachePolicies inherited) {
        Optional<Entry> entry = owner.entry("cache");
        CachePolicies policies = entry.map(given -> given.isMapping()
                ? policies(given.section(), inherited.usual())
                : mode(given, inherited)).orElse(inherited);
        CachePolicy byMode = with(inherited.usual(), policies.usual().mode());
        Map<String, Object> shown = shown(policies);
        owner.show("cache", shown.equals(shown(new CachePolicies(byMode))) ? Values.wordOf(byMode.mode()) : shown);
        return policies;
    }

    private static CachePolicies mode(Entry entry, CachePolicies inherited) {
        return entry.as(Values.word(AnswerCache.Mode.class))
                .map(mode -> new CachePolicies(with(inherited.usual(), mode))).orElse(inherited);
    }

    private static CachePolicy with(CachePolicy policy, AnswerCache.Mode mode) {
        return new CachePolicy(mode, policy.ttl(), policy.maxTtl(), policy.namespace(), policy.keepsAliases());
    }

    private static CachePolicies policies(Section section, CachePolicy inherited) {
        CachePolicy usual = policy(section, inherited, false);
        Map<ModelGlob, CachePolicy> byModel = section.section("models").named("this pattern", LimitsReader.MODEL,
                own -> {
                    own.refuseIfEmpty("no policy", "mode, ttl, max-ttl, namespace");
                    return policy(own, usual, true);
                });
        section.show("models", shown(byModel));
        return new CachePolicies(usual, byModel);
    }

    /** @param ofModel whether it names its models, so that its times hold for aliases too */
    private static CachePolicy policy(Section section, CachePolicy inherited, boolean ofModel) {
        AnswerCache.Mode mode = section.word("mode", inherited.mode());
        boolean timed = section.entry("ttl").isPresent();
        Duration ttl = section.value("ttl", TIME, inherited.ttl());
        timed |= section.entry("max-ttl").isPresent();
        Duration maxTtl = section.value("max-ttl", TIME, longest(ttl, inherited.maxTtl()));
        if (maxTtl.compareTo(ttl) < 0) {
            section.refuse("max-ttl", TypedText.of(maxTtl), "at least ttl, which is " + TypedText.of(ttl));
        }
        return new CachePolicy(mode, ttl, longest(ttl, maxTtl), section.optional("namespace", NAMESPACE)
                .orElse(inherited.namespace()), ofModel && timed);
    }

    private static Duration longest(Duration one, Duration other) {
        return one.compareTo(other) > 0 ? one : other;
    }

    private static Map<String, Object> shown(CachePolicies policies) {
        Map<String, Object> shown = shown(policies.usual(), true);
        shown.put("models", shown(policies.byModel()));
        return shown;
    }

    private static Map<String, Object> shown(Map<ModelGlob, CachePolicy> byModel) {
        Map<String, Object> shown = new LinkedHashMap<>();
        byModel.forEach((glob, policy) -> shown.put(glob.pattern(), shown(policy, policy.keepsAliases())));
        return shown;
    }

    /** @param timed whether its times are its own */
    private static Map<String, Object> shown(CachePolicy policy, boolean timed) {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("mode", Values.wordOf(policy.mode()));
        if (timed) {
            shown.put("ttl", TypedText.of(policy.ttl()));
            shown.put("max-ttl", TypedText.of(policy.maxTtl()));
        }
        if (!policy.namespace().isEmpty()) {
            shown.put("namespace", policy.namespace());
        }
        return shown;
    }
}
