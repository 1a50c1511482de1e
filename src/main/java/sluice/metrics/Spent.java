package sluice.metrics;

import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;
import sluice.price.Cost;

/**
 * A finished call, over HTTP or WebSocket, or a finished answer of a WebSocket: everything that log, meters and traces
 * report about it.
 *
 * @param facts what was known at the last stage it reached
 * @param told  how it ended
 * @param times where its time went
 * @param cost  what it cost; nothing for a WebSocket, whose answers are recorded one by one
 * @param saved for an answer from the cache, what it would have cost
 */
public record Spent(Origin origin, Facts facts, Told told, Times times, Cost cost, Cost saved) {

    /**
     * How a call ended.
     *
     * @param status  the status sent to the caller; 499 if it had disconnected
     * @param outcome how it ended, and who caused it
     * @param code    the error code; empty if there was no error
     * @param bytes   the size of the answer's body
     * @param use     what it used of a model
     * @param why     what decided that it was refused
     */
    public record Told(int status, Outcome outcome, String code, long bytes, ModelUse use, Why why) {

        /** For a call that is not refused, or by what its code says in full. */
        public Told(int status, Outcome outcome, String code, long bytes, ModelUse use) {
            this(status, outcome, code, bytes, use, Why.NONE);
        }

        /** The usage that the upstream reported, or null. */
        public @Nullable Usage usage() {
            return use.reported();
        }
    }

    /**
     * Where a call's time went, in nanoseconds.
     *
     * @param waited    waiting for quota or for a retry
     * @param predicted the wait that was predicted
     * @param firstByte until its answer started; 0 if there was none
     * @param upstream  waiting for the upstream
     * @param blocked   waiting for a caller that was not reading
     * @param total     from arrival to end
     */
    public record Times(long waited, long predicted, long firstByte, long upstream, long blocked, long total) {

        /** The gateway's own time: everything except waiting for quota, the upstream, or a slow reader. */
        public long overhead() {
            return Math.max(0, total - waited - upstream - blocked);
        }
    }
}
