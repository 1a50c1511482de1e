package sluice.metrics;

import org.jspecify.annotations.Nullable;
import sluice.openai.Usage;

/**
 * A call that is over: all that log, meters and traces tell of it, of HTTP and WebSockets alike.
 *
 * @param facts what was known of it at the last point that it reached
 * @param told  how it ended
 * @param times where its time went
 */
public record Spent(Origin origin, Facts facts, Told told, Times times) {

    /**
     * How a call ended.
     *
     * @param status  what the caller was told; 499 if it had left
     * @param outcome how it ended, and whose doing it was
     * @param code    of the error, if there was one; else empty
     * @param bytes   of the answer's body
     * @param usage   as the upstream reported it, if it did
     */
    public record Told(int status, Outcome outcome, String code, long bytes, @Nullable Usage usage) {}

    /**
     * Where its time went, in nanoseconds.
     *
     * @param waited    for quota, and to be tried again
     * @param predicted how long it was to wait
     * @param firstByte until its answer began; 0 if none did
     * @param upstream  the upstream worked on it
     * @param blocked   its caller took nothing
     * @param total     from its arrival to its end
     */
    public record Times(long waited, long predicted, long firstByte, long upstream, long blocked, long total) {

        /** What the gateway itself took: all but waiting for quota, the upstream's work, and a client that reads slowly. */
        public long overhead() {
            return Math.max(0, total - waited - upstream - blocked);
        }
    }
}
