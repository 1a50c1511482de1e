package sluice.explain;

import java.util.Optional;
import java.util.Set;
import sluice.cache.CacheControl;
import sluice.cache.CachePolicy;
import sluice.cache.PromptKey;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.schedule.Lane;
import sluice.tenancy.Tenancy;

/**
 * A hypothetical call, by an authenticated caller who may use the model.
 *
 * @param envelope     what its body says
 * @param model        that it asks for; empty if it asks for none
 * @param user         the hash of its end user; empty if it names none
 * @param tags         as {@code key=value}, separated by commas
 * @param accounts     the names of those that may serve it
 * @param cache        what it would do
 * @param maxWaitNanos how long it may wait for the upstream's quota
 */
public record Question(Tenancy tenancy, Endpoint endpoint, Envelope envelope, String model, String user, String tags,
        Set<String> accounts, Caching cache, long maxWaitNanos, Lane lane) {

    /**
     * What the cache would do with it.
     *
     * @param result  {@code HIT}, {@code REPLAYED}, {@code MISS}, {@code BYPASS} or empty
     * @param key     under which its answer is cached, if it may be
     * @param policy  that applies
     * @param control what its caller asks for
     */
    public record Caching(String result, Optional<PromptKey> key, CachePolicy policy, CacheControl control) {

        /** Whether it is answered from memory. */
        boolean isFound() {
            return result.equals("HIT") || repeats();
        }

        /** Whether it repeats a call by its {@code Idempotency-Key}. */
        boolean repeats() {
            return result.equals("REPLAYED");
        }
    }

    public Question {
        accounts = Set.copyOf(accounts);
    }
}
