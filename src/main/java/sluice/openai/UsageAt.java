package sluice.openai;

/** Where an answer tells the tokens that it used. */
public enum UsageAt {
    /** It does not, or they have been counted before. */
    NOWHERE,
    /** In the field {@code usage} of the JSON document or of an event. */
    ROOT,
    /** Likewise, and in events within their field {@code response}. */
    RESPONSE
}
