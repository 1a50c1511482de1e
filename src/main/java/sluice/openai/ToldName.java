package sluice.openai;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A name that an answer reports, repeatedly in a stream; the last one counts. */
final class ToldName {
    /** The longest name that is kept, in bytes. */
    static final int LONGEST = 256;

    private byte[] bytes = new byte[0];
    private String text = "";

    /** Records the name these bytes begin with; an empty one is ignored. */
    void tell(byte[] from, int length) {
        if (length > 0 && !Arrays.equals(bytes, 0, bytes.length, from, 0, length)) {
            bytes = Arrays.copyOf(from, length);
            text = new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** The name; empty if there was none. */
    String text() {
        return text;
    }
}
