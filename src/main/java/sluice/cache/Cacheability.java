package sluice.cache;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import sluice.cache.AnswerCache.Mode;
import sluice.openai.Endpoint;
import sluice.openai.Envelope;
import sluice.openai.Trait;

/** Which calls may be answered from the cache, and for how long. */
public final class Cacheability {
    /** Traits of calls whose answer depends on something that changes, is stored elsewhere, or has side effects. */
    private static final Set<Trait> NEVER = EnumSet.of(Trait.STORE, Trait.BACKGROUND, Trait.STORED_OBJECT,
            Trait.HOSTED_TOOL, Trait.REMOTE_INPUT, Trait.AUDIO, Trait.PROMPT_CACHE_WORK);
    /** A model name without a date is an alias, which may mean another model tomorrow. */
    private static final Duration LONGEST_OF_ALIAS = Duration.ofMinutes(10);
    private static final int YEAR_DIGITS = 4;

    /** What keeps a call's answer out of the cache, as a sentence for people. */
    public enum Obstacle {
        /** Nothing does. */
        NONE(""), //
        OFF("The policy turns the cache off."), //
        ROUTE("Answers of this route are never cached."), //
        STORED("The answer is stored upstream, under an id that belongs to one call; send store: false."), //
        CONTENT("The call uses a background run, a hosted tool, audio, or an input that is stored or fetched elsewhere."), //
        NOT_REPEATABLE("The policy caches repeatable answers only: temperature 0 or a seed, without function tools.");

        private final String sentence;

        Obstacle(String sentence) {
            this.sentence = sentence;
        }

        public String sentence() {
            return sentence;
        }
    }

    private Cacheability() {}

    /** Whether a call's answer may come from the cache and be stored in it. */
    public static boolean allows(Mode mode, Endpoint endpoint, Envelope envelope, String model) {
        return obstacle(mode, endpoint, envelope, model) == Obstacle.NONE;
    }

    /** What keeps a call's answer out of the cache. */
    public static Obstacle obstacle(Mode mode, Endpoint endpoint, Envelope envelope, String model) {
        if (mode == Mode.OFF) {
            return Obstacle.OFF;
        }
        if (!endpoint.cacheable()) {
            return Obstacle.ROUTE;
        }
        // The Responses API stores by default, and a stored answer's id must not be given to a second caller.
        if (endpoint == Endpoint.RESPONSES && !envelope.traits().contains(Trait.NO_STORE)) {
            return Obstacle.STORED;
        }
        if (!Collections.disjoint(envelope.traits(), NEVER)) {
            return envelope.traits().contains(Trait.STORE) ? Obstacle.STORED : Obstacle.CONTENT;
        }
        if (model.contains("-search-preview")) {
            return Obstacle.CONTENT;
        }
        return mode == Mode.IDENTICAL || deterministic(endpoint, envelope) ? Obstacle.NONE : Obstacle.NOT_REPEATABLE;
    }

    private static boolean deterministic(Endpoint endpoint, Envelope envelope) {
        Set<Trait> traits = envelope.traits();
        return switch (endpoint) {
            case EMBEDDINGS -> true;
            case MODERATIONS -> envelope.model() != null;
            case CHAT_COMPLETIONS, COMPLETIONS, RESPONSES -> !traits.contains(Trait.FUNCTION_TOOL)
                    && (traits.contains(Trait.TEMPERATURE_ZERO) || traits.contains(Trait.SEED));
            default -> false;
        };
    }

    /** How long the model's answers are kept: as configured, but at most 10 minutes for an alias. */
    static Duration ttl(Duration configured, String model) {
        return !isPinned(model) && configured.compareTo(LONGEST_OF_ALIAS) > 0 ? LONGEST_OF_ALIAS : configured;
    }

    /** Whether it names one state of a model: by a date, of which the year or the month and day stand alone. */
    private static boolean isPinned(String model) {
        if (model.startsWith("ft:")) {
            return true;
        }
        for (int dash = model.indexOf('-'); dash >= 0; dash = model.indexOf('-', dash + 1)) {
            int end = dash + 1;
            while (end < model.length() && model.charAt(end) >= '0' && model.charAt(end) <= '9') {
                end++;
            }
            boolean ends = end == model.length() || model.charAt(end) == '-';
            if (ends && end - dash - 1 == YEAR_DIGITS) {
                return true;
            }
        }
        return false;
    }
}
