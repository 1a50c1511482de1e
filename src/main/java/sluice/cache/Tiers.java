package sluice.cache;

import java.util.Optional;

/**
 * Where replicas share answers, beyond the memory of each.
 *
 * @param prompts those to identical prompts
 * @param repeats those to calls that may be repeated with their {@code Idempotency-Key}
 */
public record Tiers(Optional<SharedAnswers> prompts, Optional<SharedAnswers> repeats) {}
