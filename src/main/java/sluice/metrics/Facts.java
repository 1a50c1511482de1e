package sluice.metrics;

import org.jspecify.annotations.Nullable;

/** What is known about a call at some stage. Anything not known yet is empty. */
public interface Facts {

    /** Nothing is known yet. */
    Facts NONE = new Facts() {};

    /** The meters that count the call; null until its tenant is known. */
    default @Nullable TenantMeters meters() {
        return null;
    }

    /** The tenant's name. */
    default String tenant() {
        return "";
    }

    /** The id of the tenant key it was sent with. */
    default String keyId() {
        return "";
    }

    /** The requested model. */
    default String model() {
        return "";
    }

    /** The requested service tier; empty for the default. */
    default String serviceTier() {
        return "";
    }

    /** Whether a stream was requested. */
    default boolean stream() {
        return false;
    }

    /** What the cache did: {@code HIT}, {@code MISS} or {@code BYPASS}. */
    default String cache() {
        return "";
    }

    /** The account it was last sent to. */
    default String account() {
        return "";
    }

    /** How many times it was sent upstream. */
    default int attempts() {
        return 0;
    }

    /** The upstream's id for it. */
    default String upstreamId() {
        return "";
    }

    /** Whether its usage has already been counted, answer by answer. */
    default boolean usageCounted() {
        return false;
    }

    /** What is known at a later stage: the same as before, except where overridden. */
    interface Further extends Facts {

        /** What was known at the stage before. */
        Facts before();

        @Override
        default @Nullable TenantMeters meters() {
            return before().meters();
        }

        @Override
        default String tenant() {
            return before().tenant();
        }

        @Override
        default String keyId() {
            return before().keyId();
        }

        @Override
        default String model() {
            return before().model();
        }

        @Override
        default String serviceTier() {
            return before().serviceTier();
        }

        @Override
        default boolean stream() {
            return before().stream();
        }

        @Override
        default String cache() {
            return before().cache();
        }

        @Override
        default String account() {
            return before().account();
        }

        @Override
        default int attempts() {
            return before().attempts();
        }

        @Override
        default String upstreamId() {
            return before().upstreamId();
        }

        @Override
        default boolean usageCounted() {
            return before().usageCounted();
        }
    }
}
