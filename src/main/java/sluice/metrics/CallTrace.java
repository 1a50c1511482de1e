package sluice.metrics;

import io.vertx.core.MultiMap;

/**
 * The trace of one call: a span for all of it, and in it one for each wait, each attempt that is sent upstream, and the
 * relaying of the answer. Told by the stages on the call's own event loop. Holds neither prompts nor answers nor keys.
 */
public sealed interface CallTrace permits SpannedCall, CallTrace.Off {

    /** For calls that are not traced; costs nothing. */
    CallTrace OFF = new Off();

    /** A wait for upstream quota has just ended. */
    void waited(long nanos);

    /** An attempt is about to be sent; the headers in which the upstream learns of the trace are set. */
    void sent(MultiMap headers, Facts facts);

    /** The attempt has ended without an answer that is passed on, for a reason such as {@code 429} or {@code timeout}. */
    void failed(String why);

    /** The head of an answer is there, and the answer is passed on from now. */
    void relaying();

    /** The call is over. */
    void over(Spent spent);

    /** Nothing is told. */
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
