package sluice.proxy.body;

import io.vertx.core.buffer.Buffer;
import sluice.openai.AnswerTap;
import sluice.openai.Endpoint;
import sluice.openai.MadeObjects;
import sluice.openai.Served;
import sluice.openai.SseEvents;
import sluice.openai.TokenEstimate;
import sluice.openai.Usage;
import sluice.openai.UsageAt;

/** The body of an answer as it passes: what may be sent on, what it reports on the way, whether it arrived whole. */
public sealed interface Payload {

    /** Takes the next piece; returns what may be sent on now. */
    Buffer accept(Buffer piece);

    /** The connection has ended as it should; returns what still has to be sent on. */
    Buffer end();

    /** Whether all of it arrived. */
    boolean whole();

    /** Whether it ended by reporting an error. */
    boolean failed();

    /** Whether an error may still be reported within the answer. */
    boolean mayTellError();

    /** Events that have passed. */
    long events();

    /** The tokens of the answer so far, estimated while its usage is not known. */
    long tokensSoFar();

    /** What it has reported about its model call so far. */
    Served served();

    /** A body whose end is marked by its framing alone. */
    final class Plain implements Payload {
        private static final Buffer NOTHING = Buffer.buffer();

        private final AnswerTap tap = new AnswerTap();
        private final boolean tapped;
        private boolean ended;
        private long bytes;

        public Plain(UsageAt usageAt) {
            this.tapped = usageAt != UsageAt.NOWHERE;
        }

        @Override
        public Buffer accept(Buffer piece) {
            bytes += piece.length();
            if (tapped) {
                tap.accept(piece);
            }
            return piece;
        }

        @Override
        public Buffer end() {
            ended = true;
            return NOTHING;
        }

        @Override
        public boolean whole() {
            return ended;
        }

        @Override
        public boolean failed() {
            return false;
        }

        @Override
        public boolean mayTellError() {
            return false;
        }

        @Override
        public long events() {
            return 0;
        }

        @Override
        public long tokensSoFar() {
            Usage told = tap.usage();
            return told != null ? told.total() : tapped ? TokenEstimate.ofText(bytes) : 0;
        }

        @Override
        public Served served() {
            return tap.served();
        }
    }

    /** A body that reports the stored objects it names as made, as it passes. */
    record Telling(Payload inner, MadeObjects made) implements Payload {

        @Override
        public long events() {
            return inner.events();
        }

        @Override
        public Buffer accept(Buffer piece) {
            made.accept(piece);
            return inner.accept(piece);
        }

        @Override
        public Buffer end() {
            return inner.end();
        }

        @Override
        public boolean whole() {
            return inner.whole();
        }

        @Override
        public boolean failed() {
            return inner.failed();
        }

        @Override
        public boolean mayTellError() {
            return inner.mayTellError();
        }

        @Override
        public long tokensSoFar() {
            return inner.tokensSoFar();
        }

        @Override
        public Served served() {
            return inner.served();
        }
    }

    /** A stream of events, whole only if its end mark has arrived. */
    final class Events implements Payload {
        private final SseEvents events;

        /** @param withoutUsage whether a chunk that reports nothing but usage is left out */
        public Events(Endpoint endpoint, boolean withoutUsage) {
            this.events = new SseEvents(endpoint.streamEnd(), endpoint.usageAt(), withoutUsage);
        }

        @Override
        public Buffer accept(Buffer piece) {
            return events.accept(piece);
        }

        @Override
        public Buffer end() {
            return events.end();
        }

        @Override
        public boolean whole() {
            return events.ended();
        }

        @Override
        public boolean failed() {
            return events.failed();
        }

        @Override
        public boolean mayTellError() {
            return !events.passing();
        }

        @Override
        public long events() {
            return events.events();
        }

        /** Most models send each token as a separate event. */
        @Override
        public long tokensSoFar() {
            Usage told = events.usage();
            return told != null ? told.total() : events();
        }

        @Override
        public Served served() {
            return events.served();
        }
    }
}
