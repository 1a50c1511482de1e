package sluice.openai;

/** Where an answer reports the tokens it used. */
public enum UsageAt {
    /** It does not, or they have already been counted. */
    NOWHERE,
    /** In the field {@code usage} of the JSON document or of an event. */
    ROOT,
    /** As {@link #ROOT}, and in events inside their field {@code response}. */
    RESPONSE
}
