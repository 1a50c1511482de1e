package sluice.cache;

import io.vertx.core.Future;
import java.time.Duration;

/** Answers that replicas share, and which of them is making one. Callable from any thread. */
public interface SharedAnswers {

    /** What the replicas know of an answer. */
    sealed interface Known {

        /**
         * It is there.
         *
         * @param retention how the replica that made it keeps it
         * @param asks a digest of what was asked for, if its key does not say; otherwise empty
         */
        record Answer(CachedAnswer answer, Retention retention, long ageSeconds, String asks) implements Known {}

        /** Nobody was making it: whoever has asked makes it now, and the others wait for it. */
        record Unclaimed(Claim claim) implements Known {}

        /**
         * Another replica is making it.
         *
         * @param asks as above
         */
        record Claimed(String asks) implements Known {}

        /** The store is away, or too busy. */
        record Nothing() implements Known {}
    }

    /**
     * Looks for an answer, and claims it if there is none; never fails, and completes on the caller's event loop.
     *
     * @param asks a digest of what is asked for, if the key does not say; otherwise empty
     */
    Future<Known> look(PromptKey key, String asks);

    /** Removes an answer; completes once it is removed, and fails if that is not sure. */
    Future<Void> remove(PromptKey key);

    /** The longest that an answer stays there. */
    Duration longest();

    /** How long a call may wait for the answer that another replica is making, in nanoseconds. */
    long waitNanos();
}
