package sluice.openai;

/** How much of a request's body the gateway has to parse. */
public enum Reads {
    /** Nothing: it is streamed through. */
    NOTHING,
    /** A JSON object, held in full. */
    JSON,
    /** A multipart form, one part of which is the model, or a JSON object, depending on the content type. */
    FORM
}
