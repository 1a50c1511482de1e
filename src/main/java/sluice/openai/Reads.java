package sluice.openai;

/** How much of a request's body the gateway has to understand. */
public enum Reads {
    /** Nothing: it passes as it comes. */
    NOTHING,
    /** A JSON object, held whole. */
    JSON,
    /** A form of several parts, of which one is the model; or a JSON object, as the content type says. */
    FORM
}
