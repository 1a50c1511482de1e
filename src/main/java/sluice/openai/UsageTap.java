package sluice.openai;

import io.vertx.core.buffer.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Extracts the usage from a JSON document that passes in pieces of any size, without buffering the document: the field
 * {@code usage} of the root object or of its object {@code response}. Anything deeper that a caller may control, such
 * as an echoed tool schema, is ignored.
 */
public final class UsageTap {
    /** A usage object is a few hundred bytes; anything longer is not one. */
    private static final int LONGEST = 4096;
    private static final int LONGEST_KEY = 8;

    private final byte[] key = new byte[LONGEST_KEY];
    private int keyLength;
    private int depth;
    private boolean inString;
    private boolean escaped;
    private boolean nameNext;
    private boolean inResponse;
    private byte[] kept = new byte[0];
    private int keptLength;
    private int keepingFrom = -1;
    private @Nullable Usage usage;
    private boolean learned;
    private boolean emptyChoices;
    private boolean openChoices;

    /** Takes the next piece. */
    public void accept(Buffer piece) {
        Bytes bytes = Bytes.of(piece);
        accept(bytes.array, bytes.from, bytes.to);
    }

    /** Takes the next bytes. */
    void accept(byte[] bytes, int from, int to) {
        for (int i = from; i < to; i++) {
            if (inString && !escaped && keyLength > LONGEST_KEY && keepingFrom < 0) {
                i = endOfText(bytes, i, to);
            }
            if (i < to) {
                accept(bytes[i]);
            }
        }
    }

    /** Skips to the next quote or backslash. */
    private static int endOfText(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        return at;
    }

    /** The usage found so far, or null. */
    public @Nullable Usage usage() {
        return usage;
    }

    /** Whether the document holds usage and an empty list of choices, and so nothing else. */
    boolean nothingElse() {
        return learned && emptyChoices;
    }

    /** Resets the position for the next document; the usage found so far stays. */
    void restart() {
        learned = false;
        emptyChoices = false;
        openChoices = false;
        depth = 0;
        inString = false;
        escaped = false;
        nameNext = false;
        inResponse = false;
        keepingFrom = -1;
    }

    private void accept(byte b) {
        if (keepingFrom >= 0) {
            keep(b);
        }
        if (inString) {
            inString(b);
            return;
        }
        switch (b) {
            case '"' -> {
                openChoices = false;
                inString = true;
                keyLength = nameNext ? 0 : LONGEST_KEY + 1;
            }
            case '{' -> {
                openChoices = false;
                boolean isUsage = keyIs("usage") && keysMatter();
                inResponse = depth == 1 ? keyIs("response") : inResponse;
                if (isUsage && keepingFrom < 0) {
                    keepingFrom = depth;
                    keptLength = 0;
                    keep(b);
                }
                depth++;
                nameNext = true;
                forgetKey();
            }
            case '[' -> {
                openChoices = depth == 1 && keyIs("choices");
                depth++;
                nameNext = false;
                inResponse = depth != 2 && inResponse;
                forgetKey();
            }
            case '}', ']' -> {
                emptyChoices |= openChoices;
                openChoices = false;
                depth--;
                nameNext = false;
                inResponse = depth > 1 && inResponse;
                if (depth == keepingFrom) {
                    learn();
                }
            }
            case ',' -> {
                nameNext = keysMatter();
                forgetKey();
            }
            case ':' -> nameNext = false;
            default -> {
                // White space, numbers and words do not matter here.
            }
        }
    }

    /** Whether the fields at this depth belong to the root object or to its response. */
    private boolean keysMatter() {
        return depth == 1 || (depth == 2 && inResponse);
    }

    private void inString(byte b) {
        if (escaped) {
            escaped = false;
        } else if (b == '\\') {
            escaped = true;
            keyLength = LONGEST_KEY + 1;
        } else if (b == '"') {
            inString = false;
        } else if (keyLength < LONGEST_KEY) {
            key[keyLength++] = b;
        } else {
            keyLength = LONGEST_KEY + 1;
        }
    }

    private boolean keyIs(String name) {
        if (keyLength != name.length()) {
            return false;
        }
        for (int i = 0; i < keyLength; i++) {
            if (key[i] != name.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    private void forgetKey() {
        keyLength = LONGEST_KEY + 1;
    }

    private void keep(byte b) {
        if (keptLength == LONGEST) {
            keepingFrom = -1;
            return;
        }
        if (keptLength == kept.length) {
            kept = Arrays.copyOf(kept, Math.max(512, kept.length * 2));
        }
        kept[keptLength++] = b;
    }

    private void learn() {
        Usage read = Usage.read(kept, 0, keptLength);
        usage = read == null ? usage : read;
        learned = read != null;
        keepingFrom = -1;
    }
}
