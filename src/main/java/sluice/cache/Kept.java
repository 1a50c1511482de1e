package sluice.cache;

import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import sluice.openai.Served;

/**
 * An answer in the cache, its body outside the heap, and its neighbors in the {@link InsertionOrder} of its holder.
 * The body's memory goes back once it has left the cache and nobody reads it any more.
 */
final class Kept {
    /** The objects around one entry on the heap, measured over 300,000 of them (402 bytes), rounded up. */
    private static final int OVERHEAD = 448;
    private static final AtomicIntegerFieldUpdater<Kept> HOLDS = AtomicIntegerFieldUpdater.newUpdater(Kept.class,
            "holds");

    /**
     * What is known besides its body.
     *
     * @param source        whose call made it
     * @param storedAtNanos when it was stored, on the cache's clock
     * @param ttlNanos      how long it may be reused
     * @param asks          a digest of what was asked for, if its key does not say; otherwise empty
     */
    record Label(List<Map.Entry<String, String>> headers, Served served, Retention.Source source, long storedAtNanos,
            long ttlNanos, String asks) {

        /** … of an answer whose key says what was asked for. */
        Label(List<Map.Entry<String, String>> headers, Served served, Retention.Source source, long storedAtNanos,
                long ttlNanos) {
            this(headers, served, source, storedAtNanos, ttlNanos, "");
        }
    }

    final PromptKey key;
    final Label label;
    private final Slabs memory;
    private final int[] blocks;
    private final int length;
    private volatile int holds = 1;
    @Nullable
    Kept older;
    @Nullable
    Kept newer;
    /** Whether it is in that order; it leaves it once, when it is about to leave the cache. */
    volatile boolean listed;
    /** Whether it was found since it was kept, or since it was last spared. */
    volatile boolean found;

    /** @param blocks hold the body, and are its own from now on */
    Kept(PromptKey key, Label label, Slabs memory, int[] blocks, int length) {
        this.key = key;
        this.label = label;
        this.memory = memory;
        this.blocks = blocks;
        this.length = length;
    }

    /** What an answer with such a body takes, in bytes. */
    static int weight(int bodyBytes) {
        return OVERHEAD + Slabs.blocks(bodyBytes) * Slabs.BLOCK;
    }

    int weight() {
        return weight(length);
    }

    /** The answer; empty if it has just left the cache. */
    Optional<CachedAnswer> read() {
        for (int now = holds; now > 0; now = holds) {
            if (HOLDS.compareAndSet(this, now, now + 1)) {
                try {
                    return Optional.of(new CachedAnswer(label.headers(), Buffer.buffer(memory.read(blocks, length)),
                            label.served()));
                } finally {
                    release();
                }
            }
        }
        return Optional.empty();
    }

    /** Called once for the cache, and once for each reader. */
    void release() {
        if (HOLDS.decrementAndGet(this) == 0) {
            memory.give(blocks);
        }
    }
}
