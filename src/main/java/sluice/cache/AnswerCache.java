package sluice.cache;

import com.github.benmanes.caffeine.cache.Interner;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
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
     * @param policies      for tenants and plans that do not override them
     * @param maxSizeBytes  the size of all answers together
     * @param maxEntryBytes the size of one answer; larger ones are relayed but not kept
     * @param scope         whether answers cross tenants
     * @param hitsCount     whether a hit, or a call that joins another, counts as a request of the tenant
     * @param joins         whether calls join an identical one in flight
     */
    public record Settings(CachePolicies policies, long maxSizeBytes, int maxEntryBytes, Scope scope,
            boolean hitsCount, boolean joins) {

        /** The same with another size. */
        public Settings withMaxSize(long bytes) {
            return new Settings(policies, bytes, maxEntryBytes, scope, hitsCount, joins);
        }
    }

    /** An answer, the key it was found by, and its age in whole seconds. */
    public record Found(PromptKey key, CachedAnswer answer, long ageSeconds) {}

    private final Time time;
    private final KeptAnswers answers;
    /** Most answers have the same headers, and few models answer. */
    private final Interner<List<Map.Entry<String, String>>> headers = Interner.newWeakInterner();
    private final Interner<String> words = Interner.newWeakInterner();
    private volatile List<Map.Entry<String, String>> latestHeaders = List.of();
    private final Interner<Retention.Source> sources = Interner.newWeakInterner();
    private final RecentPurges purges = new RecentPurges();
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
        if (!kept.found) {
            kept.found = true;
        }
        long age = ageSeconds(kept);
        return age <= control.maxAge() ? kept.read().map(answer -> new Found(key, answer, age)) : Optional.empty();
    }

    /** Whether there is an answer to an identical prompt, and how old it is in whole seconds. */
    public OptionalLong age(PromptKey key) {
        Kept kept = answers.get(key);
        return kept == null ? OptionalLong.empty() : OptionalLong.of(ageSeconds(kept));
    }

    private long ageSeconds(Kept kept) {
        return TimeUnit.NANOSECONDS.toSeconds(time.nanos() - kept.label.storedAtNanos());
    }

    /** The same as {@link #purge(Purge, Duration)}, ordered just now. */
    public Purge.Removed purge(Purge purge) {
        return purge(purge, Duration.ZERO);
    }

    /**
     * Removes answers, and keeps none of those that are being made for calls that began before the purge was ordered.
     * Takes a while where there are many, so not on an event loop.
     *
     * @param ago when it was ordered
     */
    public Purge.Removed purge(Purge purge, Duration ago) {
        purges.add(purge, time.nanos() - ago.toNanos());
        long removed = 0;
        long bytes = 0;
        for (Kept kept : purge.key().isPresent() ? only(purge.key().get()) : answers.all()) {
            if (purge.covers(kept.key, kept.label.source()) && answers.remove(kept)) {
                removed++;
                bytes += kept.weight();
            }
        }
        return new Purge.Removed(removed, bytes);
    }

    private List<Kept> only(PromptKey key) {
        Kept kept = answers.get(key);
        return kept == null ? List.of() : List.of(kept);
    }

    /** Whether a purge covers an answer that is kept, or made, elsewhere. */
    public boolean isPurged(PromptKey key, Retention retention) {
        return purges.cover(key, retention);
    }

    /** Keeps an answer, if it ended naturally and no purge covers it. */
    public void offer(PromptKey key, WholeAnswer answer) {
        if (answer.isComplete()) {
            Retention retention = answer.retention();
            keep(key, retention, shared(answer.headers()), answer.body(), answer.served(), 0, retention.ttl());
        }
    }

    /** Keeps an answer that another replica has made, for the rest of its time, unless a purge covers it. */
    public void adopt(PromptKey key, SharedAnswers.Known.Answer shared) {
        Duration left = shared.retention().ttl().minusSeconds(shared.ageSeconds());
        CachedAnswer answer = shared.answer();
        if (left.isPositive() && answer.body().length() <= settings.maxEntryBytes()) {
            keep(key, shared.retention(), shared(answer.headers()), answer.body().getBytes(), answer.served(),
                    shared.ageSeconds(), left);
        }
    }

    private void keep(PromptKey key, Retention retention, List<Map.Entry<String, String>> headers, byte[] body,
            Served served, long ageSeconds, Duration left) {
        if (purges.cover(key, retention)) {
            return;
        }
        Served told = new Served(words.intern(served.model()), words.intern(served.serviceTier()), served.usage());
        answers.keep(key, new Kept.Label(headers, told, sources.intern(retention.source()),
                time.nanos() - TimeUnit.SECONDS.toNanos(ageSeconds), left.toNanos()), body);
        if (purges.cover(key, retention)) {
            answers.remove(key);
        }
    }

    /** The same headers as one list that many answers refer to. */
    private List<Map.Entry<String, String>> shared(List<Map.Entry<String, String>> own) {
        List<Map.Entry<String, String>> latest = latestHeaders;
        if (!latest.equals(own)) {
            latest = headers.intern(List.copyOf(own));
            latestHeaders = latest;
        }
        return latest;
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
