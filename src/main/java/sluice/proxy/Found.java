package sluice.proxy;

import java.util.Optional;
import sluice.cache.AnswerCache;
import sluice.cache.Flight;
import sluice.cache.Follower;
import sluice.cache.PromptKey;
import sluice.cache.Repeat;
import sluice.openai.Served;

/** The outcome of looking in the cache, and for an identical call in flight. */
public sealed interface Found extends Exchange.OfAsk {

    /** Under which its answer is cached; empty if it may not be. */
    default Optional<PromptKey> key() {
        return Optional.empty();
    }

    /**
     * … that can be answered from memory.
     *
     * @param repeats whether it repeats a call by its {@code Idempotency-Key}, and gets the answer of that one
     */
    record Hit(Exchange.Ask ask, AnswerCache.Found found, boolean repeats) implements Found {

        /** … from the cache. */
        public Hit(Exchange.Ask ask, AnswerCache.Found found) {
            this(ask, found, false);
        }

        @Override
        public Optional<PromptKey> key() {
            return repeats ? Optional.empty() : Optional.of(found.key());
        }

        @Override
        public String cache() {
            return repeats ? "REPLAYED" : "HIT";
        }

        @Override
        public Served saved() {
            return found.answer().served();
        }
    }

    /**
     * … that gets the answer of an identical call, whose answer has just begun.
     *
     * @param repeats whether it has joined it by its {@code Idempotency-Key}
     */
    record Joined(Exchange.Ask ask, Flight.Head head, Follower follower, boolean repeats) implements Found {

        @Override
        public String cache() {
            return "JOINED";
        }

        @Override
        public Served saved() {
            return follower.served();
        }
    }

    /**
     * … that must be sent upstream.
     *
     * @param key    under which its answer is cached, if it may be
     * @param repeat by which its repeats are known, if its caller has named it
     * @param lead   over those that follow its answer, once it has found nobody to follow itself
     */
    record Miss(Exchange.Ask ask, Optional<PromptKey> key, Optional<Repeat> repeat,
            Optional<Lead> lead) implements Found {

        /** … that has not yet looked for a call to follow. */
        public Miss(Exchange.Ask ask, Optional<PromptKey> key, Optional<Repeat> repeat) {
            this(ask, key, repeat, Optional.empty());
        }

        /** … whose caller has not named it. */
        public Miss(Exchange.Ask ask, Optional<PromptKey> key) {
            this(ask, key, Optional.empty());
        }

        /** The same, leading. */
        public Miss leading(Lead leads) {
            return new Miss(ask, key, repeat, Optional.of(leads));
        }

        /** This call no longer makes the answer. */
        void close() {
            lead.ifPresent(Lead::close);
        }

        @Override
        public String cache() {
            if (key.isPresent()) {
                return "MISS";
            }
            return endpoint().needsPermit() ? "BYPASS" : "";
        }
    }
}
