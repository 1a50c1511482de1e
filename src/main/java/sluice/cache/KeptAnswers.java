package sluice.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import com.github.benmanes.caffeine.cache.RemovalCause;
import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import sluice.isolation.Bulkhead;
import sluice.isolation.Holder;
import sluice.isolation.Shared;
import sluice.time.Time;

/**
 * Answers in memory, their bodies outside the heap, bounded by total weight and each kept for a limited time. When
 * there is no room and several holders have answers, a new one evicts one of its own holder if that holder has more than
 * an equal share, otherwise one of a holder that does: nobody is displaced by a larger holder.
 */
final class KeptAnswers {
    private final Cache<PromptKey, Kept> answers;
    private final Bulkhead held;
    /** Changed only within {@code compute…}, which admits one thread at a time per holder. */
    private final ConcurrentHashMap<Holder, InsertionOrder> ofHolders = new ConcurrentHashMap<>();
    private final boolean oldestFirst;
    private volatile Slabs memory;

    /**
     * An empty store.
     *
     * @param thing         its name in logs and metrics
     * @param maxSizeBytes  of all answers together
     * @param maxEntryBytes of one answer
     * @param oldestFirst   whether a lone holder's next in order goes first, rather than the one least requested
     */
    KeptAnswers(String thing, long maxSizeBytes, int maxEntryBytes, boolean oldestFirst, Time time) {
        this.oldestFirst = oldestFirst;
        long fullAt = fullAt(maxSizeBytes, maxEntryBytes);
        this.memory = new Slabs(maxSizeBytes);
        this.held = Bulkhead.of(thing, fullAt);
        this.answers = Caffeine.newBuilder().maximumWeight(fullAt)
                .weigher((PromptKey key, Kept kept) -> kept.weight())
                .expireAfter(
                        Expiry.writing((PromptKey key, Kept kept) -> Duration.ofNanos(kept.label.ttlNanos())))
                .removalListener(this::removed).ticker(time::nanos).executor(Runnable::run).build();
    }

    /** There is always room for one more, which is written before others are evicted for it. */
    private static long fullAt(long maxSizeBytes, int maxEntryBytes) {
        return maxSizeBytes - Math.min(maxEntryBytes, maxSizeBytes / 8);
    }

    /** Changes the bounds; answers stay as far as there is room. */
    void change(long maxSizeBytes, int maxEntryBytes) {
        long fullAt = fullAt(maxSizeBytes, maxEntryBytes);
        held.change(fullAt);
        answers.policy().eviction().ifPresent(bound -> bound.setMaximum(fullAt));
        if (memory.suits(maxSizeBytes)) {
            memory.change(maxSizeBytes);
        } else {
            Slabs before = memory;
            memory = new Slabs(maxSizeBytes);
            answers.invalidateAll();
            before.change(0);
        }
    }

    /** The answer under a key; null if there is none. */
    @Nullable
    Kept get(PromptKey key) {
        return answers.getIfPresent(key);
    }

    /** All answers, while others may come and go. */
    Iterable<Kept> all() {
        return answers.asMap().values();
    }

    /** Removes the answer under a key. */
    void remove(PromptKey key) {
        answers.invalidate(key);
    }

    /** Removes an answer; false if it has left already. */
    boolean remove(Kept kept) {
        return answers.asMap().remove(kept.key, kept);
    }

    /** Keeps an answer, if there is room for it. */
    void keep(PromptKey key, Kept.Label label, byte[] body) {
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
        while (more && held.used() > held.total() && (oldestFirst || held.holders() > 1)) {
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
    long bytes() {
        return held.used();
    }

    /** Bytes outside the heap in use. */
    long usedMemory() {
        return memory.used();
    }

    /** How full it is and how many holders it has. */
    Shared shared() {
        return held.shared();
    }
}
