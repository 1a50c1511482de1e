package sluice.litellm;

import java.util.Set;

/**
 * An entry of {@code model_list} that a server with OpenAI's API serves.
 *
 * @param group what callers ask for
 * @param model what the server calls it; a pattern if it passes on whatever fits
 * @param rpm   requests per minute; 0 if not given
 * @param tpm   tokens per minute; 0 if not given
 */
record Deployment(String group, Provider provider, String model, Place place, long rpm, long tpm, Fields information) {
    private static final String STAR = "*";

    /** Whether it passes on any model that fits a pattern. */
    boolean isWildcard() {
        return model.contains(STAR);
    }

    /** Whether it passes on any model at all. */
    boolean takesAny() {
        return model.equals(STAR);
    }

    /** Whether what it passes on are OpenAI's own models. */
    boolean isOpenAi() {
        return provider.isOpenAi() && place.isOpenAi();
    }

    Set<String> accessGroups() {
        return information.texts("access_groups");
    }
}
