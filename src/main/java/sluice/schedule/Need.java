package sluice.schedule;

/**
 * What a call needs of an account, besides one request.
 *
 * @param model  the model that it asks for
 * @param tokens that are reserved for it; 0 or more
 */
public record Need(String model, long tokens) {}
