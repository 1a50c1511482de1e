package sluice.cache;

import org.jspecify.annotations.Nullable;

/** An answer in the cache, and its neighbours in the {@link InsertionOrder} of its holder. */
final class Kept {
    final PromptKey key;
    final CachedAnswer answer;
    @Nullable
    Kept older;
    @Nullable
    Kept newer;
    /** Whether it is in that order; it leaves it once, and is then on its way out of the cache. */
    volatile boolean listed;

    Kept(PromptKey key, CachedAnswer answer) {
        this.key = key;
        this.answer = answer;
    }
}
