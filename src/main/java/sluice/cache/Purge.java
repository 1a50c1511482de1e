package sluice.cache;

import java.util.Optional;
import sluice.openai.ModelGlob;

/**
 * Selects answers to be removed: those that fit everything it names; all answers if it names nothing.
 *
 * @param tenant    whose calls made them
 * @param model     that those calls asked for
 * @param namespace that they are kept in; empty text for the common one
 * @param key       of one answer
 */
public record Purge(Optional<String> tenant, Optional<ModelGlob> model, Optional<String> namespace,
        Optional<PromptKey> key) {

    /**
     * What was removed.
     *
     * @param bytes the memory that the answers took
     */
    public record Removed(long answers, long bytes) {}

    /** Whether it names nothing. */
    public boolean selectsAll() {
        return tenant.isEmpty() && model.isEmpty() && namespace.isEmpty() && key.isEmpty();
    }

    /** Whether it covers the answer of its key whoever made it. */
    public boolean isOfKeyAlone() {
        return key.isPresent() && tenant.isEmpty() && model.isEmpty() && namespace.isEmpty();
    }

    /** Whether it covers an answer. */
    boolean covers(PromptKey other, Retention.Source source) {
        return fits(key, other) && fits(tenant, source.tenant()) && fits(namespace, source.namespace())
                && (model.isEmpty() || model.get().matches(source.model()));
    }

    private static boolean fits(Optional<?> wanted, Object is) {
        return wanted.isEmpty() || wanted.get().equals(is);
    }
}
