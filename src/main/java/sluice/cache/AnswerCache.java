package sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.Interner;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Shared;
import sluice.openai.Endpoint;
import sluice.openai.Served;
import sluice.time.Time;

/**
 * Answers to identical prompts, their bodies outside the heap, bounded by total weight and each kept for a limited
 * time. When there is no room and several holders have answers, a new one evicts one of its own holder if that
 * holder has more than an equal share, otherwise one of a holder that does: nobody is displaced by a larger holder.
 */
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
    private final Cache<PromptKey, Kept> answers;
    private final Bulkhead held;
    /** Changed only within {@code compute…}, which admits one thread at a time per holder. */
    private final ConcurrentHashMap<Holder, InsertionOrder> ofHolders = new ConcurrentHashMap<>();
    /** Most answers have the same headers, and few models answer. */
    private final Interner<List<Map.Entry<String, String>>> headers = Interner.newWeakInterner();
    private final Interner<String> words = Interner.newWeakInterner();
    private volatile List<Map.Entry<String, String>> latestHeaders = List.of();
    private final Interner<Retention.Source> sources = Interner.newWeakInterner();
    private final RecentPurges purges = new RecentPurges();
    private volatile Slabs memory;
    private volatile Settings settings;

    public AnswerCache(Settings settings, Time time) {
        this.settings = settings;
        this.time = time;
        this.memory = new Slabs(settings.maxSizeBytes());
        this.held = Bulkhead.of("cache", fullAt(settings));
        this.answers = Caffeine.newBuilder().maximumWeight(fullAt(settings))
                .weigher((PromptKey key, Kept kept) -> kept.weight())
                .expireAfter(
                        Expiry.writing((PromptKey key, Kept kept) -> Duration.ofNanos(kept.label.ttlNanos())))
                .removalListener(this::removed).ticker(time::nanos).executor(Runnable::run).build();
    }

    /** There is always room for one more, which is written before others are evicted for it. */
    private static long fullAt(Settings settings) {
        return settings.maxSizeBytes() - Math.min(settings.maxEntryBytes(), settings.maxSizeBytes() / 8);
    }

    /** Changes the settings; entries stay as far as there is room. */
    public void change(Settings changed) {
        settings = changed;
        held.change(fullAt(changed));
        answers.policy().eviction().ifPresent(bound -> bound.setMaximum(fullAt(changed)));
        if (memory.suits(changed.maxSizeBytes())) {
            memory.change(changed.maxSizeBytes());
        } else {
            Slabs before = memory;
            memory = new Slabs(changed.maxSizeBytes());
            answers.invalidateAll();
            before.change(0);
        }
    }

    public Settings settings() {
        return settings;
    }

    /** The answer to an identical prompt, if there is one no older than the caller accepts. */
    public Optional<Found> find(PromptKey key, CacheControl control) {
        Kept kept = control.noCache() ? null : answers.getIfPresent(key);
        if (kept == null) {
            return Optional.empty();
        }
        if (!kept.found) {
            kept.found = true;
        }
        long age = TimeUnit.NANOSECONDS.toSeconds(time.nanos() - kept.label.storedAtNanos());
        return age <= control.maxAge() ? kept.read().map(answer -> new Found(key, answer, age)) : Optional.empty();
    }

    /** Whether there is an answer to an identical prompt, and how old it is in whole seconds. */
    public OptionalLong age(PromptKey key) {
        Kept kept = answers.getIfPresent(key);
        return kept == null
                ? OptionalLong.empty()
                : OptionalLong.of(TimeUnit.NANOSECONDS.toSeconds(time.nanos() - kept.label.storedAtNanos()));
    }

    /**
     * Removes answers, and does not keep those that are being made for earlier calls. Takes a while where there are many, so
     * not on an event loop.
     */
    public Purge.Removed purge(Purge purge) {
        purges.add(purge, time.nanos());
        long removed = 0;
        long bytes = 0;
        for (Kept kept : purge.key().isPresent() ? only(purge.key().get()) : answers.asMap().values()) {
            if (purge.covers(kept.key, kept.label.source()) && answers.asMap().remove(kept.key, kept)) {
                removed++;
                bytes += kept.weight();
            }
        }
        return new Purge.Removed(removed, bytes);
    }

    private List<Kept> only(PromptKey key) {
        Kept kept = answers.getIfPresent(key);
        return kept == null ? List.of() : List.of(kept);
    }

    /**
     * Keeps an answer, if it is complete.
     *
     * @param retention how
     * @param stream whether it is a stream of events that has reached its end mark
     * @param body   the whole answer
     * @param served what it says of its model call
     */
    public void offer(PromptKey key, Retention retention, Endpoint endpoint, boolean stream,
            List<Map.Entry<String, String>> headers, byte[] body, Served served) {
        if (CompleteAnswer.check(endpoint, stream, body) && !purges.cover(key, retention)) {
            Served told = new Served(words.intern(served.model()), words.intern(served.serviceTier()), served.usage());
            keep(key, new Kept.Label(shared(headers), told,
                    sources.intern(retention.source()), time.nanos(), retention.ttl().toNanos()), body);
            if (purges.cover(key, retention)) {
                answers.invalidate(key);
            }
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

    private void keep(PromptKey key, Kept.Label label, byte[] body) {
        Holder holder = key.holder();
        int weight = Kept.weight(body.length);
        held.insist(holder, weight);
        Kept kept = null;
        try {
            makeRoom(holder);
            kept = written(key, label, body);
        } finally {
            if (kept == null) {
                held.giveBack(holder, weight);
            }
        }
        if (kept != null) {
            keep(holder, kept);
        }
    }

    private @Nullable Kept written(PromptKey key, Kept.Label label, byte[] body) {
        Slabs memory = this.memory;
        int[] blocks = blocks(memory, key.holder(), body.length);
        if (blocks == null) {
            return null;
        }
        memory.write(blocks, body);
        return new Kept(key, label, memory, blocks, body.length);
    }

    private void keep(Holder holder, Kept kept) {
        ofHolders.compute(holder, (same, order) -> {
            InsertionOrder all = order == null ? new InsertionOrder() : order;
            all.append(kept);
            return all;
        });
        answers.put(kept.key, kept);
        if (!kept.listed) {
            // Another thread making room has already evicted it.
            answers.asMap().remove(kept.key, kept);
        }
    }

    /** If memory is taken by readers of other answers, or does not fit this size, answers are evicted. */
    private int @Nullable [] blocks(Slabs memory, Holder own, int bytes) {
        int[] blocks = memory.take(bytes);
        while (blocks == null && memory.fits(bytes) && evictOne(own)) {
            blocks = memory.take(bytes);
        }
        return blocks;
    }

    /** A lone holder is left to the cache's own eviction policy, which knows what is requested often. */
    private void makeRoom(Holder own) {
        boolean more = true;
        while (more && held.used() > held.total() && held.holders() > 1) {
            more = evictOne(own);
        }
    }

    /** Evicts an answer of the holder that must make room for this one; false if there is none. */
    private boolean evictOne(Holder own) {
        Kept next = takeNext(held.aboveEqualPart(own));
        if (next != null) {
            answers.asMap().remove(next.key, next);
        }
        return next != null;
    }

    private @Nullable Kept takeNext(Holder payer) {
        AtomicReference<@Nullable Kept> taken = new AtomicReference<>();
        ofHolders.computeIfPresent(payer, (holder, order) -> {
            taken.set(order.takeNext());
            return order.isEmpty() ? null : order;
        });
        return taken.get();
    }

    /** Called for every entry that leaves the cache, whether expired, evicted or replaced. */
    private void removed(@Nullable PromptKey key, @Nullable Kept kept, RemovalCause cause) {
        if (key != null && kept != null) {
            held.giveBack(key.holder(), kept.weight());
            ofHolders.computeIfPresent(key.holder(), (holder, order) -> {
                order.remove(kept);
                return order.isEmpty() ? null : order;
            });
            kept.release();
        }
    }

    /** The approximate size of all answers in bytes. */
    public long bytes() {
        return held.used();
    }

    /** Bytes outside the heap in use. */
    long usedMemory() {
        return memory.used();
    }

    /** How full it is and how many holders it has. */
    public Shared shared() {
        return held.shared();
    }
}
