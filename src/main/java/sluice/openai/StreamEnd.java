package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * How a complete stream says that it is over: by {@code data: [DONE]}, by the type of its last event, which the event's
 * {@code event:} line or its data may name, or by an error. A stream that ends without any of them was cut off.
 */
public enum StreamEnd {
    /** {@code data: [DONE]} alone. */
    DONE_LINE(),
    /** An event of the Responses API that is always the last. */
    RESPONSE_EVENT("response.completed", "response.incomplete", "response.failed"),
    /** A finished image; if several were requested, the first of them. */
    IMAGE_EVENT("image_generation.completed", "image_edit.completed"),
    /** The end of generated speech. */
    SPEECH_EVENT("speech.audio.done"),
    /** The end of a transcript. */
    TRANSCRIPT_EVENT("transcript.text.done"),
    /** The route has no streams, or none whose end is known. */
    NONE;

    private static final byte[] ERROR = ascii("error");

    @SuppressWarnings("ImmutableEnumChecker") // never modified
    private final List<byte[]> types;

    StreamEnd(String... types) {
        this.types = Arrays.stream(types).map(StreamEnd::ascii).toList();
    }

    /** Whether an event is the last by its type, which is part of these bytes. */
    boolean isLast(byte[] bytes, int from, int to) {
        for (int i = 0; i < types.size(); i++) {
            if (is(types.get(i), bytes, from, to)) {
                return true;
            }
        }
        return isError(bytes, from, to);
    }

    /** Whether an event is an error by its type, which ends any stream. */
    static boolean isError(byte[] bytes, int from, int to) {
        return is(ERROR, bytes, from, to);
    }

    private static boolean is(byte[] type, byte[] bytes, int from, int to) {
        return Arrays.equals(type, 0, type.length, bytes, from, to);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
