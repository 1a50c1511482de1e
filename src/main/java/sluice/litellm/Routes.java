package sluice.litellm;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What a key's {@code allowed_routes} let it do: words of LiteLLM's for groups of routes, or paths. */
final class Routes {
    /** Words for all routes of ours. */
    private static final Set<String> INFERENCE = Set.of("llm_api_routes", "openai_routes", "*", "/*", "/v1/*");

    /** Paths at which models are called. */
    private static final Pattern CALLED = Pattern.compile("(/v1)?/(openai|engines|chat|completions|embeddings|responses"
            + "|moderations|audio|images|videos|realtime|files|batches|fine_tuning|vector_stores|assistants|threads)\\b.*");

    private Routes() {}

    /** Whether one of these calls models. An empty list allows all. */
    static boolean holdInference(Collection<String> routes) {
        return routes.isEmpty()
                || routes.stream().anyMatch(route -> INFERENCE.contains(route) || CALLED.matcher(route).matches());
    }

    /** Those of a list that does not allow all of inference. */
    static List<String> narrow(Collection<String> routes) {
        return routes.stream().anyMatch(INFERENCE::contains) ? List.of() : List.copyOf(routes);
    }
}
