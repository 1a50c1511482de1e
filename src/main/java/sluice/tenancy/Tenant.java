package sluice.tenancy;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import sluice.cache.CachePolicies;
import sluice.openai.EndpointClass;
import sluice.openai.ModelGlob;
import sluice.quota.Limits;
import sluice.schedule.Standing;

/**
 * An internal service with its own keys.
 *
 * @param name      its name in logs and metrics
 * @param plan      the plan that its limits come from
 * @param keys      the keys it may present; several, so that one can be rotated
 * @param models    the models that it may use
 * @param endpoints the classes of routes that it may call
 * @param accounts  the accounts that its calls may be sent to; the first is its home account. Never empty.
 * @param limits    what it may use: the plan's limits, overridden by its own
 * @param shadow    whether its limits are only counted, never enforced
 * @param caching   how the answers to its calls are cached
 * @param standing  how its calls wait for the upstream's quota
 * @param tags      the rules for tags of its calls
 * @param access    how its callers prove who they are
 */
public record Tenant(String name, String plan, List<Key> keys, List<ModelGlob> models, Set<EndpointClass> endpoints,
        List<String> accounts, Limits limits, boolean shadow, CachePolicies caching, Standing standing,
        TagRules tags, Access access) {

    /**
     * A key by its digest.
     *
     * @param digest   its SHA-256
     * @param notAfter the moment from which it is refused, if any
     */
    public record Key(KeyDigest digest, Optional<Instant> notAfter) {}

    public Tenant {
        keys = List.copyOf(keys);
        models = List.copyOf(models);
        endpoints = Set.copyOf(endpoints);
        accounts = List.copyOf(accounts);
    }

    /** The same tenant, with these keys. */
    public Tenant withKeys(List<Key> changed) {
        return new Tenant(name, plan, changed, models, endpoints, accounts, limits, shadow, caching, standing, tags,
                access);
    }

    /** A tenant like this one, by another name. */
    public Tenant named(String other) {
        return new Tenant(other, plan, keys, models, endpoints, accounts, limits, shadow, caching, standing, tags,
                access);
    }

    /** Whether another declaration differs only in its keys. */
    boolean differsOnlyInKeys(Tenant other) {
        return equals(new Tenant(other.name, other.plan, keys, other.models, other.endpoints, other.accounts,
                other.limits, other.shadow, other.caching, other.standing, other.tags, other.access));
    }

    /** Whether its allow-list names the model. */
    public boolean mayUse(String model) {
        return ModelGlob.anyMatches(models, model);
    }

    /** Whether it may use every model. */
    public boolean mayUseAny() {
        return models.stream().anyMatch(ModelGlob::isAny);
    }

    /** Whether it may call this class of routes. */
    public boolean mayCall(EndpointClass endpoint) {
        return endpoints.contains(endpoint);
    }

    /** The account that holds what it stores. */
    public String home() {
        return accounts.getFirst();
    }
}
