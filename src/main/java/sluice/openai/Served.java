package sluice.openai;

import org.jspecify.annotations.Nullable;

/**
 * What an answer says of the model call behind it.
 *
 * @param model       that answered; empty if it does not say
 * @param serviceTier in which it was served; empty if it does not say
 * @param usage       what it used; null if it does not say
 */
public record Served(String model, String serviceTier, @Nullable Usage usage) {
    /** An answer that says nothing. */
    public static final Served UNTOLD = new Served("", "", null);
}
