package sluice.cache;

import org.jspecify.annotations.Nullable;

/** One holder's answers, oldest first. Its links are in the answers, so that nothing is allocated. One thread at a time. */
final class InsertionOrder {
    private @Nullable Kept oldest;
    private @Nullable Kept newest;

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

    /** Removes the oldest; null if there is none. */
    @Nullable
    Kept takeOldest() {
        Kept taken = oldest;
        if (taken != null) {
            remove(taken);
        }
        return taken;
    }

    /** Removes it, if it is still there. */
    void remove(Kept kept) {
        if (!kept.listed) {
            return;
        }
        kept.listed = false;
        Kept older = kept.older;
        Kept newer = kept.newer;
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
