package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What the last event of a whole stream looks like. A stream that ends without it was cut. */
public enum StreamEnd {
    /** {@code data: [DONE]} */
    DONE_LINE("data: [DONE]", "data:[DONE]"),
    /** A named event of the Responses API after which none follows. */
    RESPONSE_EVENT("event: response.completed", "event: response.incomplete", "event: response.failed", "event: error"),
    /** An image that is ready; with several asked for, the first of them. */
    IMAGE_EVENT("event: image_generation.completed", "event: image_edit.completed", "event: error"),
    /** Speech that is spoken to its end. */
    SPEECH_EVENT("event: speech.audio.done", "event: error"),
    /** Speech that is written down to its end. */
    TRANSCRIPT_EVENT("event: transcript.text.done", "event: error"),
    /** The route has no streams, or none whose end is known. */
    NONE;

    /** No line that is longer than this is a mark, in bytes. */
    static final int LONGEST = 33;

    @SuppressWarnings("ImmutableEnumChecker") // never handed out
    private final byte[][] marks;

    StreamEnd(String... marks) {
        this.marks = Arrays.stream(marks).map(mark -> mark.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    /** Whether the first bytes are a line of an event, without its line end, that is the mark. */
    boolean isMark(byte[] line, int length) {
        for (byte[] mark : marks) {
            if (mark.length == length && Arrays.equals(mark, 0, length, line, 0, length)) {
                return true;
            }
        }
        return false;
    }
}
