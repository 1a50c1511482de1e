package sluice.openai;

import org.jspecify.annotations.Nullable;

/** A request body that cannot be passed on; the message is for the caller. */
public final class MalformedBody extends Exception {
    private static final long serialVersionUID = 1L;

    private final String code;
    private final @Nullable String param;

    MalformedBody(String code, @Nullable String param, String message) {
        super(message, null, false, false);
        this.code = code;
        this.param = param;
    }

    static MalformedBody notJson(String why) {
        return new MalformedBody("invalid_json", null,
                "We could not parse the JSON body of your request: " + why + ". Send one JSON object in UTF-8.");
    }

    static MalformedBody tooComplex(String why) {
        return new MalformedBody("json_too_complex", null,
                "The JSON body of your request is too complex: " + why + ". Send less structure at once.");
    }

    static MalformedBody notForm(String why) {
        return new MalformedBody("invalid_form", null, "We could not read the form of your request: " + why
                + ". Send multipart/form-data as the official SDKs do.");
    }

    static MalformedBody tooComplex(int fields) {
        return new MalformedBody("json_too_complex", null,
                "Your message has more than " + fields + " fields. Send less at once.");
    }

    static MalformedBody duplicate(String field) {
        return new MalformedBody("duplicate_field", field,
                "The field '" + field + "' appears twice in your request, so it is unclear which one you mean.");
    }

    /** A field that a case-insensitive reader would take for one that matters here. */
    static MalformedBody otherSpelling(String field, String meant) {
        return new MalformedBody("duplicate_field", field, "The field '" + field
                + "' could be taken for '" + meant + "'. Use that spelling.");
    }

    static MalformedBody wrongType(String field, String expected) {
        return new MalformedBody("invalid_type", field, "Invalid type for '" + field + "': expected " + expected + ".");
    }

    public String code() {
        return code;
    }

    /** The field at fault, or null. */
    public @Nullable String param() {
        return param;
    }

    /** What is wrong, and how to fix it. */
    public String reason() {
        return String.valueOf(getMessage());
    }
}
