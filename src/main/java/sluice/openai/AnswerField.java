package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The fields of an answer that matter here, and their location. */
enum AnswerField {
    TYPE(Place.ROOT, "type"), //
    ERROR(Place.ROOT, "error"), //
    CHOICES(Place.ROOT, "choices"), //
    MODEL(Place.ROOT, "model"), //
    SERVICE_TIER(Place.ROOT, "service_tier"), //
    RESPONSE(Place.ROOT, "response", Place.RESPONSE), //
    MODEL_OF_RESPONSE(Place.RESPONSE, "model"), //
    SERVICE_TIER_OF_RESPONSE(Place.RESPONSE, "service_tier"), //
    USAGE(Place.ROOT, "usage", Place.USAGE), //
    USAGE_OF_RESPONSE(Place.RESPONSE, "usage", Place.USAGE), //
    INPUT(Place.USAGE, "input_tokens", Count.INPUT), //
    PROMPT(Place.USAGE, "prompt_tokens", Count.INPUT), //
    OUTPUT(Place.USAGE, "output_tokens", Count.OUTPUT), //
    COMPLETION(Place.USAGE, "completion_tokens", Count.OUTPUT), //
    SECONDS(Place.USAGE, "seconds", Count.SECONDS), //
    INPUT_DETAILS(Place.USAGE, "input_tokens_details", Place.INPUT_DETAILS), //
    INPUT_DETAIL(Place.USAGE, "input_token_details", Place.INPUT_DETAILS), //
    PROMPT_DETAILS(Place.USAGE, "prompt_tokens_details", Place.INPUT_DETAILS), //
    CACHED(Place.INPUT_DETAILS, "cached_tokens", Count.CACHED), //
    CACHE_WRITES(Place.INPUT_DETAILS, "cache_write_tokens", Count.CACHE_WRITES), //
    AUDIO_INPUT(Place.INPUT_DETAILS, "audio_tokens", Count.AUDIO_INPUT), //
    IMAGE_INPUT(Place.INPUT_DETAILS, "image_tokens", Count.IMAGE_INPUT), //
    CACHED_DETAILS(Place.INPUT_DETAILS, "cached_tokens_details", Place.CACHED_DETAILS), //
    CACHED_AUDIO(Place.CACHED_DETAILS, "audio_tokens", Count.CACHED_AUDIO), //
    CACHED_IMAGE(Place.CACHED_DETAILS, "image_tokens", Count.CACHED_IMAGE), //
    OUTPUT_DETAILS(Place.USAGE, "output_tokens_details", Place.OUTPUT_DETAILS), //
    OUTPUT_DETAIL(Place.USAGE, "output_token_details", Place.OUTPUT_DETAILS), //
    COMPLETION_DETAILS(Place.USAGE, "completion_tokens_details", Place.OUTPUT_DETAILS), //
    AUDIO_OUTPUT(Place.OUTPUT_DETAILS, "audio_tokens", Count.AUDIO_OUTPUT), //
    IMAGE_OUTPUT(Place.OUTPUT_DETAILS, "image_tokens", Count.IMAGE_OUTPUT);

    /** The objects that are inspected. */
    enum Place {
        ROOT, RESPONSE, USAGE, INPUT_DETAILS, CACHED_DETAILS, OUTPUT_DETAILS
    }

    /** The numbers of a usage. */
    enum Count {
        INPUT, OUTPUT, CACHED, CACHE_WRITES, AUDIO_INPUT, IMAGE_INPUT, CACHED_AUDIO, CACHED_IMAGE, AUDIO_OUTPUT, IMAGE_OUTPUT, SECONDS;

        /** Those that most usages do not have. */
        static final List<Count> DETAILS = List.of(CACHE_WRITES, AUDIO_INPUT, IMAGE_INPUT, CACHED_AUDIO, CACHED_IMAGE,
                AUDIO_OUTPUT, IMAGE_OUTPUT, SECONDS);
    }

    private static final Map<Place, List<AnswerField>> BY_PLACE = Arrays.stream(values()).collect(
            Collectors.groupingBy(field -> field.in, () -> new EnumMap<>(Place.class), Collectors.toList()));

    private final Place in;
    private final @Nullable Place opens;
    private final @Nullable Count count;
    private final String name;
    @SuppressWarnings("ImmutableEnumChecker") // never modified
    private final byte[] bytes;

    AnswerField(Place in, String name) {
        this(in, name, null, null);
    }

    AnswerField(Place in, String name, Place opens) {
        this(in, name, opens, null);
    }

    AnswerField(Place in, String name, Count count) {
        this(in, name, null, count);
    }

    AnswerField(Place in, String name, @Nullable Place opens, @Nullable Count count) {
        this.in = in;
        this.opens = opens;
        this.count = count;
        this.name = name;
        this.bytes = name.getBytes(StandardCharsets.US_ASCII);
    }

    /** The field of this name, the first {@code length} bytes, in this place; null if it does not matter. */
    static @Nullable AnswerField of(Place in, byte[] name, int length) {
        List<AnswerField> fields = BY_PLACE.getOrDefault(in, List.of());
        for (int i = 0; i < fields.size(); i++) {
            AnswerField field = fields.get(i);
            if (field.bytes.length == length && Arrays.equals(field.bytes, 0, length, name, 0, length)) {
                return field;
            }
        }
        return null;
    }

    /** The field of this name in this place; null if it does not matter. */
    static @Nullable AnswerField of(Place in, String name) {
        for (AnswerField field : BY_PLACE.getOrDefault(in, List.of())) {
            if (field.name.equals(name)) {
                return field;
            }
        }
        return null;
    }

    /** What its object is inspected for; null if it is not. */
    @Nullable
    Place opens() {
        return opens;
    }

    /** The number of the usage that it holds; null if it holds none. */
    @Nullable
    Count count() {
        return count;
    }

    /** Whether it holds the name of a model or of a service tier, which may be long. */
    boolean isName() {
        return switch (this) {
            case MODEL, MODEL_OF_RESPONSE, SERVICE_TIER, SERVICE_TIER_OF_RESPONSE -> true;
            default -> false;
        };
    }
}
