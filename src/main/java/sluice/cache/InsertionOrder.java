package sluice.cache;

import org.jspecify.annotations.Nullable;

/**
 * One holder's answers in the order in which they came, and which of them goes next: SIEVE ("SIEVE is Simpler than LRU",
 * NSDI 2024). A hand moves from the oldest to the newest, spares an answer that was found since it last came by, and takes the
 * first that was not; then it begins anew. Links are in the answers, so that nothing is allocated. One thread at a time.
 */
final class InsertionOrder {
    /** Beyond them the next is taken all the same, so that taking one never takes long. */
    private static final int MOST_SPARED = 256;

    private @Nullable Kept oldest;
    private @Nullable Kept newest;
    /** Where the hand is; null at the oldest. */
    private @Nullable Kept hand;

    void append(Kept kept) {
        kept.listed = true;
        kept.older = newest;
        if (newest == null) {
            oldest = kept;
        } else {
            newest.newer = kept;
        }
        newest = kept;
    }

    /** Removes the next to go; null if there is none. */
    @Nullable
    Kept takeNext() {
        Kept next = hand == null ? oldest : hand;
        for (int spared = 0; next != null && next.found && spared < MOST_SPARED; spared++) {
            next.found = false;
            next = next.newer == null ? oldest : next.newer;
        }
        if (next != null) {
            hand = next;
            remove(next);
        }
        return next;
    }

    /** Removes it, if it is still there. */
    void remove(Kept kept) {
        if (!kept.listed) {
            return;
        }
        kept.listed = false;
        Kept older = kept.older;
        Kept newer = kept.newer;
        if (kept == hand) {
            hand = newer;
        }
        if (older == null) {
            oldest = newer;
        } else {
            older.newer = newer;
        }
        if (newer == null) {
            newest = older;
        } else {
            newer.older = older;
        }
        // An old answer that refers to a new one would keep it from being collected young.
        kept.older = null;
        kept.newer = null;
    }

    boolean isEmpty() {
        return oldest == null;
    }
}
