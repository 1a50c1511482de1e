package sluice.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import sluice.cache.AnswerCache.Mode;

/**
 * How the answers to some calls are cached.
 *
 * @param mode         which of them are
 * @param ttl          how long each is kept unless its caller asks otherwise
 * @param maxTtl       the longest that a caller may ask for; at least {@code ttl}
 * @param namespace    that they are kept in unless the caller names another; empty for the common one
 * @param keepsAliases whether both times hold for undated model names too, which otherwise are kept for at most 10
 *                     minutes
 */
public record CachePolicy(Mode mode, Duration ttl, Duration maxTtl, String namespace, boolean keepsAliases) {
    /** The name of a namespace. */
    public static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    /** A policy that callers cannot lengthen, in the common namespace. */
    public static CachePolicy of(Mode mode, Duration ttl) {
        return new CachePolicy(mode, ttl, ttl, "", false);
    }

    /** How long the answer to a call is kept, given what its caller asks for. */
    public Duration ttl(String model, Optional<Duration> asked) {
        return asked.isEmpty() ? kept(ttl, model) : shorter(asked.get(), longest(model));
    }

    /** The longest that a caller may have an answer of the model kept. */
    public Duration longest(String model) {
        return kept(maxTtl, model);
    }

    /** The namespace of a call, given what its caller asks for. */
    public String namespace(CacheControl control) {
        return control.namespace().isEmpty() ? namespace : control.namespace();
    }

    private Duration kept(Duration configured, String model) {
        return keepsAliases ? configured : Cacheability.ttl(configured, model);
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
