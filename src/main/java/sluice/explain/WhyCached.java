package sluice.explain;

import io.vertx.core.json.JsonObject;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import sluice.cache.AnswerCache;
import sluice.cache.CacheControl;
import sluice.cache.CachePolicy;
import sluice.cache.Cacheability;
import sluice.cache.PromptKey;

/** Explains what the cache would do with a call: the policy that applies, the key, and why it hits, misses or is passed by. */
final class WhyCached {
    private static final double MILLIS = 1e3;

    private final AnswerCache cache;

    WhyCached(AnswerCache cache) {
        this.cache = cache;
    }

    JsonObject of(Question question) {
        Question.Caching asked = question.cache();
        CachePolicy policy = asked.policy();
        CacheControl control = asked.control();
        return new JsonObject().put("result", asked.result()).put("because", because(question))
                .put("key", asked.key().map(PromptKey::hex).orElse(null))
                .put("namespace", policy.namespace(control))
                .put("mode", policy.mode().name().toLowerCase(Locale.ROOT))
                .put("ttl_seconds", policy.ttl(question.model(), control.ttl()).toMillis() / MILLIS)
                .put("max_ttl_seconds", policy.longest(question.model()).toMillis() / MILLIS);
    }

    private String because(Question question) {
        if (question.cache().repeats()) {
            return "It repeats a call by its idempotency-key, and gets the answer of that one.";
        }
        CacheControl control = question.cache().control();
        Optional<PromptKey> key = question.cache().key();
        if (key.isPresent()) {
            return found(key.get(), control);
        }
        if (control.noStore()) {
            return "Its caller sends cache-control: no-store.";
        }
        return Cacheability.obstacle(question.cache().policy().mode(), question.endpoint(), question.envelope(),
                question.model()).sentence();
    }

    private String found(PromptKey key, CacheControl control) {
        OptionalLong age = cache.age(key);
        if (age.isEmpty()) {
            return "No answer is kept under its key: none was made, or it has expired, was evicted or was purged.";
        }
        String kept = "An answer is kept under its key, " + age.getAsLong() + " s old";
        if (control.noCache()) {
            return kept + ", but its caller sends cache-control: no-cache.";
        }
        return age.getAsLong() > control.maxAge() ? kept + ", which is older than the caller's max-age." : kept + ".";
    }
}
