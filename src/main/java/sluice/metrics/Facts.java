package sluice.metrics;

import org.jspecify.annotations.Nullable;
import sluice.openai.Served;

/** What is known about a call at some stage. Anything not known yet is empty. */
public interface Facts {

    /** Nothing is known yet. */
    Facts NONE = new Facts() {};

    /** Whether {@link #cache} says that the call got an answer that was made before, or for another call. */
    static boolean isReuse(String cache) {
        return cache.equals("HIT") || cache.equals("JOINED") || cache.equals("REPLAYED");
    }

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

    /** Who sent it, if that is known by a token. */
    default String subject() {
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

    /** What the cache did: {@code HIT}, {@code JOINED}, {@code REPLAYED}, {@code MISS} or {@code BYPASS}. */
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

    /** The tags that its caller gave it, as {@code key=value}, separated by commas. */
    default String tags() {
        return "";
    }

    /** A hash of the name of the end user that it is for. */
    default String user() {
        return "";
    }

    /** For an answer from the cache, what it said of its model call when it was made. */
    default Served saved() {
        return Served.UNTOLD;
    }

    /** Whether its usage has already been counted, answer by answer. */
    default boolean usageCounted() {
        return false;
    }
}
