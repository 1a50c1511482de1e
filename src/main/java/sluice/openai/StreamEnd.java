package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the last event of a complete stream looks like. A stream that ends without it was cut off. */
public enum StreamEnd {
    /** {@code data: [DONE]} */
    DONE_LINE("data: [DONE]", "data:[DONE]"),
    /** A named event of the Responses API that is always the last. */
    RESPONSE_EVENT("event: response.completed", "event: response.incomplete", "event: response.failed", "event: error"),
    /** A finished image; if several were requested, the first of them. */
    IMAGE_EVENT("event: image_generation.completed", "event: image_edit.completed", "event: error"),
    /** The end of generated speech. */
    SPEECH_EVENT("event: speech.audio.done", "event: error"),
    /** The end of a transcript. */
    TRANSCRIPT_EVENT("event: transcript.text.done", "event: error"),
    /** The route has no streams, or none whose end is known. */
    NONE;

    /** The length of the longest mark in bytes. */
    static final int LONGEST = 33;

    @SuppressWarnings("ImmutableEnumChecker") // never handed out
    private final byte[][] marks;

    StreamEnd(String... marks) {
        this.marks = Arrays.stream(marks).map(mark -> mark.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    /** Whether the first {@code length} bytes, a line of an event without its line end, are the mark. */
    boolean isMark(byte[] line, int length) {
        for (byte[] mark : marks) {
            if (mark.length == length && Arrays.equals(mark, 0, length, line, 0, length)) {
                return true;
            }
        }
        return false;
    }
}
