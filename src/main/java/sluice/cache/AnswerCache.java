package sluice.cache;

import java.time.Duration;

/** Answers to identical prompts, bounded by weight, each for a limited time. */
public final class AnswerCache {
    private AnswerCache() {}

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
}
