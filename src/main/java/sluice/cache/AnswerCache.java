package sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Shared;
import sluice.openai.Endpoint;
import sluice.time.Time;

/**
 * Answers to identical prompts, bounded by weight, each for a limited time. Where several hold answers and there is no room
 * for another one, it takes the place of the oldest of its own holder, or of the one that holds most if its own has less
 * than an equal part: nobody is displaced by those who hold more.
 */
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

    /** An answer, and when it came among all. */
    private record Kept(CachedAnswer answer, long order) {}

    private final Time time;
    private final Cache<PromptKey, Kept> answers;
    private final Bulkhead held;
    private final ConcurrentHashMap<Holder, ConcurrentSkipListMap<Long, PromptKey>> oldestFirst = new ConcurrentHashMap<>();
    private final AtomicLong offered = new AtomicLong();
    private volatile Settings settings;

    public AnswerCache(Settings settings, Time time) {
        this.settings = settings;
        this.time = time;
        this.held = Bulkhead.of("cache", settings.maxSizeBytes());
        this.answers = Caffeine.newBuilder().maximumWeight(settings.maxSizeBytes())
                .weigher((PromptKey key, Kept kept) -> kept.answer().weight())
                .expireAfter(
                        Expiry.writing((PromptKey key, Kept kept) -> Duration.ofNanos(kept.answer().ttlNanos())))
                .removalListener(this::removed).ticker(time::nanos).executor(Runnable::run).build();
    }

    /** From now on it behaves otherwise; what it holds stays, as far as there is room. */
    public void change(Settings changed) {
        settings = changed;
        held.change(changed.maxSizeBytes());
        answers.policy().eviction().ifPresent(bound -> bound.setMaximum(changed.maxSizeBytes()));
    }

    public Settings settings() {
        return settings;
    }

    /** The answer to an identical prompt, if there is one that is not older than the caller accepts. */
    public Optional<Found> find(PromptKey key, CacheControl control) {
        Kept kept = control.noCache() ? null : answers.getIfPresent(key);
        if (kept == null) {
            return Optional.empty();
        }
        CachedAnswer answer = kept.answer();
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
            keep(key, new CachedAnswer(headers, body, model, time.nanos(), ttl));
        }
    }

    private void keep(PromptKey key, CachedAnswer answer) {
        Kept kept = new Kept(answer, offered.incrementAndGet());
        Holder holder = key.holder();
        held.insist(holder, answer.weight());
        makeRoom(holder);
        // In one step, lest another thread remove the holder's list in between because it is empty.
        oldestFirst.compute(holder, (same, entries) -> {
            ConcurrentSkipListMap<Long, PromptKey> all = entries == null ? new ConcurrentSkipListMap<>() : entries;
            all.put(kept.order(), key);
            return all;
        });
        answers.put(key, kept);
        if (!isListed(holder, kept)) {
            // Whoever made room in between has taken its place already.
            answers.asMap().remove(key, kept);
        }
    }

    private boolean isListed(Holder holder, Kept kept) {
        ConcurrentSkipListMap<Long, PromptKey> entries = oldestFirst.get(holder);
        return entries != null && entries.containsKey(kept.order());
    }

    /** A single holder is left to the policy of the cache itself, which knows what is asked for often. */
    private void makeRoom(Holder own) {
        while (held.used() > held.total() && held.holders() > 1) {
            boolean aboveEqualPart = held.held(own) > held.total() / held.holders();
            Holder payer = aboveEqualPart ? own : held.largest().orElse(own);
            ConcurrentSkipListMap<Long, PromptKey> entries = oldestFirst.get(payer);
            Map.Entry<Long, PromptKey> oldest = entries == null ? null : entries.pollFirstEntry();
            if (oldest == null) {
                return;
            }
            answers.invalidate(oldest.getValue());
        }
    }

    /** Called for whatever leaves the cache, whether it was expired, displaced or replaced. */
    private void removed(@Nullable PromptKey key, @Nullable Kept kept, RemovalCause cause) {
        if (key != null && kept != null) {
            held.giveBack(key.holder(), kept.answer().weight());
            oldestFirst.computeIfPresent(key.holder(), (holder, entries) -> {
                entries.remove(kept.order());
                return entries.isEmpty() ? null : entries;
            });
        }
    }

    /** About how many bytes all answers hold. */
    public long bytes() {
        return held.used();
    }

    /** How full it is, and of how many. */
    public Shared shared() {
        return held.shared();
    }
}
