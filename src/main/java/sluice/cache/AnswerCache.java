package sluice.cache;

import com.github.benmanes.caffeine.cache.Interner;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import sluice.isolation.Shared;
import sluice.openai.Served;
import sluice.time.Time;

/** Answers to identical prompts, in the memory of this process. */
public final class AnswerCache {

    /** Which calls may be answered from the cache. */
    public enum Mode {
        /** None. */
        OFF,
        /** Calls that ask for a repeatable answer: embeddings, moderations, temperature 0 or a seed. */
        DETERMINISTIC,
        /** Every call that is identical to an earlier one and has no side effect. */
        IDENTICAL
    }

    /** Whether tenants share cached answers. */
    public enum Scope {
        TENANT, SHARED
    }

    /**
     * How the cache behaves.
     *
     * @param mode          for tenants and plans that do not override it
     * @param ttl           how long an answer may be reused
     * @param maxSizeBytes  the size of all answers together
     * @param maxEntryBytes the size of one answer; larger ones are relayed but not kept
     * @param scope         whether answers cross tenants
     * @param hitsCount     whether a hit, or a call that joins another, counts as a request of the tenant
     * @param joins         whether calls join an identical one in flight
     */
    public record Settings(Mode mode, Duration ttl, long maxSizeBytes, int maxEntryBytes, Scope scope,
            boolean hitsCount, boolean joins) {

        /** The same with another size. */
        public Settings withMaxSize(long bytes) {
            return new Settings(mode, ttl, bytes, maxEntryBytes, scope, hitsCount, joins);
        }
    }

    /** An answer and its age in whole seconds. */
    public record Found(CachedAnswer answer, long ageSeconds) {}

    private final Time time;
    private final KeptAnswers answers;
    /** Most answers have the same headers, and few models answer. */
    private final Interner<List<Map.Entry<String, String>>> headers = Interner.newWeakInterner();
    private final Interner<String> words = Interner.newWeakInterner();
    private volatile Settings settings;

    public AnswerCache(Settings settings, Time time) {
        this.settings = settings;
        this.time = time;
        this.answers = new KeptAnswers("cache", settings.maxSizeBytes(), settings.maxEntryBytes(), false, time);
    }

    /** Changes the settings; entries stay as far as there is room. */
    public void change(Settings changed) {
        settings = changed;
        answers.change(changed.maxSizeBytes(), changed.maxEntryBytes());
    }

    public Settings settings() {
        return settings;
    }

    /** The answer to an identical prompt, if there is one no older than the caller accepts. */
    public Optional<Found> find(PromptKey key, CacheControl control) {
        Kept kept = control.noCache() ? null : answers.get(key);
        if (kept == null) {
            return Optional.empty();
        }
        long age = TimeUnit.NANOSECONDS.toSeconds(time.nanos() - kept.label.storedAtNanos());
        return age <= control.maxAge() ? kept.read().map(answer -> new Found(answer, age)) : Optional.empty();
    }

    /** Keeps an answer, if it ended naturally. */
    public void offer(PromptKey key, WholeAnswer answer) {
        if (answer.isComplete()) {
            keep(key, answer.headers(), answer.body(), answer.served(), 0,
                    Cacheability.ttl(settings.ttl(), answer.model()));
        }
    }

    /** Keeps an answer that another replica has made, for the rest of the time it may be reused. */
    public void adopt(PromptKey key, String model, CachedAnswer answer, long ageSeconds) {
        Duration left = Cacheability.ttl(settings.ttl(), model).minusSeconds(ageSeconds);
        if (left.isPositive() && answer.body().length() <= settings.maxEntryBytes()) {
            keep(key, answer.headers(), answer.body().getBytes(), answer.served(), ageSeconds, left);
        }
    }

    private void keep(PromptKey key, List<Map.Entry<String, String>> headers, byte[] body, Served served,
            long ageSeconds, Duration left) {
        Served told = new Served(words.intern(served.model()), words.intern(served.serviceTier()), served.usage());
        answers.keep(key, new Kept.Label(this.headers.intern(headers), told,
                time.nanos() - TimeUnit.SECONDS.toNanos(ageSeconds), left.toNanos()), body);
    }

    /** The approximate size of all answers in bytes. */
    public long bytes() {
        return answers.bytes();
    }

    /** Bytes outside the heap in use. */
    long usedMemory() {
        return answers.usedMemory();
    }

    /** How full it is and how many holders it has. */
    public Shared shared() {
        return answers.shared();
    }
}
