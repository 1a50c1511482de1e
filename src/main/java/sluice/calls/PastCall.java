package sluice.calls;

import sluice.metrics.Facts;

/**
 * A finished call as the ledger tells of it, as far as it matters to limits.
 *
 * @param endedAtMillis when it ended, in milliseconds since 1970
 * @param endpoint      the label of its route
 * @param model         that it asked for; empty if it asked for none
 * @param cache         what the cache did
 * @param outcome       how it ended, and who caused it
 * @param code          of its refusal; empty if there was none
 * @param totalMicros   from arrival to end
 * @param tokens        that it used
 * @param estimated     whether the gateway had to estimate them
 * @param picodollars   what it cost
 * @param unpriced      whether a model without a price ran
 * @param tags          as {@code key=value}, separated by commas
 * @param user          the hash of the end user's name
 */
public record PastCall(long endedAtMillis, String id, String tenant, String endpoint, String model, String cache,
        String outcome, String code, long totalMicros, long tokens, boolean estimated, long picodollars,
        boolean unpriced, String tags, String user) {

    /** When it arrived, in microseconds since 1970. */
    public long arrivedAtMicros() {
        return endedAtMillis * 1000 - totalMicros;
    }

    /** Whether it was answered from the cache, or with the answer of another call. */
    public boolean fromCache() {
        return Facts.isReuse(cache);
    }
}
