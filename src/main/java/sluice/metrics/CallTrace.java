package sluice.metrics;

import io.vertx.core.MultiMap;

/**
 * The trace of one call: a span for the whole call and, inside it, one for each wait, each upstream attempt, and
 * relaying the answer. The stages report to it on the call's own event loop. It contains no prompts, answers or keys.
 */
public sealed interface CallTrace permits SpannedCall, CallTrace.Off {

    /** For calls that are not traced; costs nothing. */
    CallTrace OFF = new Off();

    /** A wait for upstream quota has just ended. */
    void waited(long nanos);

    /** An attempt is about to be sent; sets the headers that carry the trace context upstream. */
    void sent(MultiMap headers, Facts facts);

    /** The attempt ended without an answer to relay, for a reason such as {@code 429} or {@code timeout}. */
    void failed(String why);

    /** The head of an answer has arrived, and relaying starts. */
    void relaying();

    /** The call is over. */
    void over(Spent spent);

    /** Records nothing. */
    record Off() implements CallTrace {

        @Override
        public void waited(long nanos) {
            // Not traced.
        }

        @Override
        public void sent(MultiMap headers, Facts facts) {
            // Not traced.
        }

        @Override
        public void failed(String why) {
            // Not traced.
        }

        @Override
        public void relaying() {
            // Not traced.
        }

        @Override
        public void over(Spent spent) {
            // Not traced.
        }
    }
}
