package sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sluice.openai.Endpoint;
import sluice.time.Time;

/** Answers to identical prompts, bounded by weight, each for a limited time. */
public final class AnswerCache {

    /** Which calls may be answered from memory. */
    public enum Mode {
        /** None. */
        OFF,
        /** Those that ask for a repeatable answer: embeddings, moderations, temperature 0 or a seed. */
        DETERMINISTIC,
        /** Every call that is identical to an earlier one and has no side effect. */
        IDENTICAL
    }

    /** Who may be answered with whose answers. */
    public enum Scope {
        TENANT, SHARED
    }

    /**
     * How the cache behaves.
     *
     * @param mode          for tenants and plans that say nothing else
     * @param ttl           how long an answer may be given again
     * @param maxSizeBytes  of all answers together
     * @param maxEntryBytes of one answer; larger ones are relayed and not kept
     * @param scope         whether answers cross tenants
     * @param hitsCount     whether a hit counts as a request of its tenant
     */
    public record Settings(Mode mode, Duration ttl, long maxSizeBytes, int maxEntryBytes, Scope scope,
            boolean hitsCount) {}

    /** An answer and its age in whole seconds. */
    public record Found(CachedAnswer answer, long ageSeconds) {}

    private final Time time;
    private final Cache<PromptKey, CachedAnswer> answers;
    private volatile Settings settings;

    public AnswerCache(Settings settings, Time time) {
        this.settings = settings;
        this.time = time;
        this.answers = Caffeine.newBuilder().maximumWeight(settings.maxSizeBytes())
                .weigher((PromptKey key, CachedAnswer answer) -> answer.weight())
                .expireAfter(
                        Expiry.writing((PromptKey key, CachedAnswer answer) -> Duration.ofNanos(answer.ttlNanos())))
                .ticker(time::nanos).executor(Runnable::run).build();
    }

    /** From now on it behaves otherwise; what it holds stays, as far as there is room. */
    public void change(Settings changed) {
        settings = changed;
        answers.policy().eviction().ifPresent(bound -> bound.setMaximum(changed.maxSizeBytes()));
    }

    public Settings settings() {
        return settings;
    }

    /** The answer to an identical prompt, if there is one that is not older than the caller accepts. */
    public Optional<Found> find(PromptKey key, CacheControl control) {
        CachedAnswer answer = control.noCache() ? null : answers.getIfPresent(key);
        if (answer == null) {
            return Optional.empty();
        }
        long age = TimeUnit.NANOSECONDS.toSeconds(time.nanos() - answer.storedAtNanos());
        return age <= control.maxAge() ? Optional.of(new Found(answer, age)) : Optional.empty();
    }

    /**
     * Keeps an answer, if it is complete.
     *
     * @param stream whether it is a stream of events that has reached its end mark
     * @param body   all of it
     */
    public void offer(PromptKey key, Endpoint endpoint, boolean stream, String model,
            List<Map.Entry<String, String>> headers, Buffer body) {
        if (CompleteAnswer.check(endpoint, stream, body)) {
            long ttl = Cacheability.ttl(settings.ttl(), model).toNanos();
            answers.put(key, new CachedAnswer(headers, body, model, time.nanos(), ttl));
        }
    }

    /** About how many bytes all answers hold. */
    public long bytes() {
        return answers.policy().eviction().map(bound -> bound.weightedSize().orElse(0)).orElse(0L);
    }
}
