package sluice.metrics;

import org.jspecify.annotations.Nullable;

/** What is known of a call at some point of its path. What is not known yet is empty. */
public interface Facts {

    /** Nothing is known yet. */
    Facts NONE = new Facts() {};

    /** Who counts the call; null while its tenant is not known. */
    default @Nullable TenantMeters meters() {
        return null;
    }

    /** Whose call it is. */
    default String tenant() {
        return "";
    }

    /** The id of the key that it came with. */
    default String keyId() {
        return "";
    }

    /** What it asks for. */
    default String model() {
        return "";
    }

    /** How it wants to be served; empty for the usual way. */
    default String serviceTier() {
        return "";
    }

    /** Whether it asks for a stream. */
    default boolean stream() {
        return false;
    }

    /** What the cache did: {@code HIT}, {@code MISS} or {@code BYPASS}. */
    default String cache() {
        return "";
    }

    /** Where it was sent last. */
    default String account() {
        return "";
    }

    /** How often it was sent. */
    default int attempts() {
        return 0;
    }

    /** What the upstream calls it. */
    default String upstreamId() {
        return "";
    }

    /** Whether its usage was counted answer by answer, as it was learned. */
    default boolean usageCounted() {
        return false;
    }

    /** What is known at a later point: the same as before, but for what it says itself. */
    interface Further extends Facts {

        /** What was known before. */
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
