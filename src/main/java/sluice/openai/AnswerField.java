package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The fields of an answer that matter here, and where they stand. */
enum AnswerField {
    TYPE(Place.ROOT, null, "type"), //
    ERROR(Place.ROOT, null, "error"), //
    CHOICES(Place.ROOT, null, "choices"), //
    RESPONSE(Place.ROOT, Place.RESPONSE, "response"), //
    USAGE(Place.ROOT, Place.USAGE, "usage"), //
    USAGE_OF_RESPONSE(Place.RESPONSE, Place.USAGE, "usage"), //
    INPUT(Place.USAGE, null, "input_tokens"), //
    PROMPT(Place.USAGE, null, "prompt_tokens"), //
    OUTPUT(Place.USAGE, null, "output_tokens"), //
    COMPLETION(Place.USAGE, null, "completion_tokens"), //
    INPUT_DETAILS(Place.USAGE, Place.DETAILS, "input_tokens_details"), //
    INPUT_DETAIL(Place.USAGE, Place.DETAILS, "input_token_details"), //
    PROMPT_DETAILS(Place.USAGE, Place.DETAILS, "prompt_tokens_details"), //
    CACHED(Place.DETAILS, null, "cached_tokens");

    /** The objects that are looked into. */
    enum Place {
        ROOT, RESPONSE, USAGE, DETAILS
    }

    private static final AnswerField[] ALL = values();

    private final Place in;
    private final @Nullable Place opens;
    @SuppressWarnings("ImmutableEnumChecker") // never modified
    private final byte[] name;

    AnswerField(Place in, @Nullable Place opens, String name) {
        this.in = in;
        this.opens = opens;
        this.name = name.getBytes(StandardCharsets.US_ASCII);
    }

    /** The field of this name, the first {@code length} bytes, in this place; null if it does not matter. */
    static @Nullable AnswerField of(Place in, byte[] name, int length) {
        for (AnswerField field : ALL) {
            if (field.in == in && Arrays.equals(field.name, 0, field.name.length, name, 0, length)) {
                return field;
            }
        }
        return null;
    }

    /** What its object is looked into for; null if it is not. */
    @Nullable
    Place opens() {
        return opens;
    }

    /** Whether it holds a number of tokens. */
    boolean isCount() {
        return opens == null && (in == Place.USAGE || in == Place.DETAILS);
    }
}
