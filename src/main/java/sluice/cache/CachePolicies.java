package sluice.cache;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import sluice.openai.ModelGlob;

/**
 * How a tenant's answers are cached.
 *
 * @param usual   for models that none of the patterns matches
 * @param byModel by name pattern; the first that matches holds
 */
public record CachePolicies(CachePolicy usual, Map<ModelGlob, CachePolicy> byModel) {

    public CachePolicies {
        byModel = Collections.unmodifiableMap(new LinkedHashMap<>(byModel));
    }

    /** One policy for every model. */
    public CachePolicies(CachePolicy usual) {
        this(usual, Map.of());
    }

    /** The policy for calls of a model. */
    public CachePolicy of(String model) {
        if (byModel.isEmpty()) {
            return usual;
        }
        for (Map.Entry<ModelGlob, CachePolicy> each : byModel.entrySet()) {
            if (each.getKey().matches(model)) {
                return each.getValue();
            }
        }
        return usual;
    }
}
