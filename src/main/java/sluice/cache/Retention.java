package sluice.cache;

import java.time.Duration;

/**
 * How an answer is kept.
 *
 * @param source     whose call made it
 * @param ttl        how long it may be reused
 * @param sinceNanos when that call began, on the cache's clock; a purge since then covers the answer
 */
public record Retention(Source source, Duration ttl, long sinceNanos) {

    /**
     * Whose call made an answer: what purges select by.
     *
     * @param model     that was asked for
     * @param namespace empty for the common one
     */
    public record Source(String tenant, String model, String namespace) {}
}
